%% Two processes send each other one message after the other.
-module(ping_pong).
-export([run/1]).

run(N) ->
    Ponger = spawn_link(fun ponger/0),
    Rate = bench:rate(N, fun() -> ping(N div 2, Ponger) end),
    Ponger ! stop,
    Rate.

ping(0, _Ponger) ->
    ok;
ping(Left, Ponger) ->
    Ponger ! {ping, self()},
    receive
        pong -> ping(Left - 1, Ponger)
    end.

ponger() ->
    receive
        {ping, From} ->
            From ! pong,
            ponger();
        stop ->
            ok
    end.
