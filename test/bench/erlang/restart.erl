%% A process ends with a plain reason and is started again, by a loop that traps exits.
-module(restart).
-export([run/1]).

run(N) ->
    process_flag(trap_exit, true),
    bench:rate(N, fun() -> supervise(N) end).

supervise(0) ->
    ok;
supervise(Left) ->
    Pid = spawn_link(fun() -> exit(over) end),
    receive
        {'EXIT', Pid, over} -> supervise(Left - 1)
    end.
