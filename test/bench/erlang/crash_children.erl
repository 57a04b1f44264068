%% Each of 10,000 supervised processes crashes once and is started again. Under simple_one_for_one,
%% which finds a child by its pid ten times as fast as one_for_one does.
-module(crash_children).
-behaviour(supervisor).
-export([run/1, init/1, start_child/1]).

-define(CHILDREN, 10000).

run(N) ->
    process_flag(trap_exit, true),
    N / lists:sum([crash(Children) || Children <- rounds(N)]).

rounds(N) when N =< ?CHILDREN ->
    [N];
rounds(N) ->
    [?CHILDREN | rounds(N - ?CHILDREN)].

crash(Children) ->
    {ok, Supervisor} = supervisor:start_link(?MODULE, Children),
    [{ok, _} = supervisor:start_child(Supervisor, [self()]) || _ <- lists:seq(1, Children)],
    Pids = take_started(Children),
    Start = erlang:monotonic_time(),
    [Pid ! crash || Pid <- Pids],
    _ = take_started(Children),
    Seconds = bench:since(Start),
    exit(Supervisor, shutdown),
    receive
        {'EXIT', Supervisor, shutdown} -> Seconds
    end.

take_started(Children) ->
    [receive {started, Pid} -> Pid end || _ <- lists:seq(1, Children)].

init(Children) ->
    Flags = #{strategy => simple_one_for_one, intensity => Children, period => 3600},
    {ok, {Flags, [#{id => child, start => {?MODULE, start_child, []}}]}}.

start_child(Main) ->
    {ok, spawn_link(fun() -> child(Main) end)}.

child(Main) ->
    Main ! {started, self()},
    receive
        crash -> error(crashed)
    end.
