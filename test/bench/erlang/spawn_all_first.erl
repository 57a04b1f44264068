%% 100,000 processes are spawned by one process; each takes one message, sends one, and ends.
-module(spawn_all_first).
-export([run/1]).

-define(AT_ONCE, 100000).

run(N) ->
    bench:rate(N, fun() -> waves(N) end).

waves(Left) when Left =< 0 ->
    ok;
waves(Left) ->
    Size = min(Left, ?AT_ONCE),
    Self = self(),
    Pids = [spawn(fun adder/0) || _ <- lists:seq(1, Size)],
    send(Pids, Self, 0),
    Expected = Size * (Size + 1) div 2,
    Expected = sum(Size, 0),
    waves(Left - Size).

send([], _Self, _Amount) ->
    ok;
send([Pid | Pids], Self, Amount) ->
    Pid ! {add, Self, Amount},
    send(Pids, Self, Amount + 1).

sum(0, Sum) ->
    Sum;
sum(Left, Sum) ->
    receive
        {sum, Amount} -> sum(Left - 1, Sum + Amount)
    end.

adder() ->
    receive
        {add, To, Amount} -> To ! {sum, Amount + 1}
    end.
