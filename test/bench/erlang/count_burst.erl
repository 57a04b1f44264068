%% One process sends another a million numbers at a time, which adds them up.
-module(count_burst).
-export([run/1]).

-define(BURST, 1000000).

run(N) ->
    Counter = spawn_link(fun() -> counter(0) end),
    Rate = bench:rate(N, fun() -> bursts(N, Counter) end),
    Counter ! stop,
    Rate.

bursts(0, _Counter) ->
    ok;
bursts(Left, Counter) ->
    Burst = min(Left, ?BURST),
    send(Burst, Counter),
    Counter ! {take, self()},
    Sum = Burst * (Burst + 1) div 2,
    receive
        {sum, Sum} -> ok
    end,
    bursts(Left - Burst, Counter).

send(0, _Counter) ->
    ok;
send(I, Counter) ->
    Counter ! {add, I},
    send(I - 1, Counter).

counter(Sum) ->
    receive
        {add, I} ->
            counter(Sum + I);
        {take, From} ->
            From ! {sum, Sum},
            counter(0);
        stop ->
            ok
    end.
