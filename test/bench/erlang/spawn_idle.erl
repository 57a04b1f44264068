%% A million processes, all of which wait for a message that does not come.
-module(spawn_idle).
-export([run/1]).

run(N) ->
    bench:rate(N, fun() ->
        Last = spawn_all(N, undefined),
        Last ! {hello, self()},
        receive
            hello -> ok
        end
    end).

spawn_all(0, Last) ->
    Last;
spawn_all(Left, _Last) ->
    spawn_all(Left - 1, spawn(fun idle/0)).

idle() ->
    receive
        {hello, From} ->
            From ! hello,
            idle()
    end.
