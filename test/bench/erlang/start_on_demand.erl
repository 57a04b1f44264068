%% A process asks a supervisor for one child after the other; 10,000 live at a time.
-module(start_on_demand).
-behaviour(supervisor).
-export([run/1, init/1, start_child/0]).

-define(CHILDREN, 10000).

run(N) ->
    process_flag(trap_exit, true),
    N / lists:sum([start(Size) || Size <- rounds(N)]).

rounds(N) when N =< ?CHILDREN ->
    [N];
rounds(N) ->
    [?CHILDREN | rounds(N - ?CHILDREN)].

start(Size) ->
    {ok, Supervisor} = supervisor:start_link(?MODULE, []),
    Start = erlang:monotonic_time(),
    start_each(Size, Supervisor),
    Seconds = bench:since(Start),
    exit(Supervisor, shutdown),
    receive
        {'EXIT', Supervisor, shutdown} -> Seconds
    end.

start_each(0, _Supervisor) ->
    ok;
start_each(Left, Supervisor) ->
    {ok, _Pid} = supervisor:start_child(Supervisor, []),
    start_each(Left - 1, Supervisor).

init([]) ->
    Child = #{id => idle, start => {?MODULE, start_child, []}, restart => temporary},
    {ok, {#{strategy => simple_one_for_one}, [Child]}}.

start_child() ->
    {ok, spawn_link(fun() -> receive stop -> ok end end)}.
