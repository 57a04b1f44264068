%% Processes that take one message and end, 1,000 at a time.
-module(spawn_1000).
-export([run/1, run/2]).

run(N) ->
    run(N, 1000).

run(N, Alive) ->
    bench:rate(N, fun() -> generations(N, Alive) end).

generations(Left, _Alive) when Left =< 0 ->
    ok;
generations(Left, Alive) ->
    Pids = [spawn(fun mayfly/0) || _ <- lists:seq(1, Alive)],
    %% Lets all of them come to their receive.
    erlang:yield(),
    Last = monitor(process, hd(lists:reverse(Pids))),
    [Pid ! go || Pid <- Pids],
    receive
        {'DOWN', Last, process, _, normal} -> ok
    end,
    generations(Left - Alive, Alive).

mayfly() ->
    receive
        go -> ok
    end.
