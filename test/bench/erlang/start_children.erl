%% A supervisor starts 10,000 children.
-module(start_children).
-behaviour(supervisor).
-export([run/1, init/1, start_child/0]).

-define(CHILDREN, 10000).

run(N) ->
    process_flag(trap_exit, true),
    N / lists:sum([start(Children) || Children <- rounds(N)]).

rounds(N) when N =< ?CHILDREN ->
    [N];
rounds(N) ->
    [?CHILDREN | rounds(N - ?CHILDREN)].

start(Children) ->
    Specs = [#{id => I, start => {?MODULE, start_child, []}} || I <- lists:seq(1, Children)],
    Start = erlang:monotonic_time(),
    {ok, Supervisor} = supervisor:start_link(?MODULE, Specs),
    Seconds = bench:since(Start),
    Children = proplists:get_value(active, supervisor:count_children(Supervisor)),
    exit(Supervisor, shutdown),
    receive
        {'EXIT', Supervisor, shutdown} -> Seconds
    end.

init(Specs) ->
    {ok, {#{strategy => one_for_one}, Specs}}.

start_child() ->
    {ok, spawn_link(fun() -> receive stop -> ok end end)}.
