%% Starts 100,000 timers of one delay, and cancels them all; again and again.
-module(timers_standing).
-export([run/1, run/2]).

-define(STANDING, 100000).

run(N) ->
    run(N, fun(_I) -> 60000 end).

run(N, DelayOf) ->
    bench:rate(N, fun() -> rounds(N, DelayOf) end).

rounds(Left, _DelayOf) when Left =< 0 ->
    ok;
rounds(Left, DelayOf) ->
    Size = min(Left, ?STANDING),
    Timers = [erlang:send_after(DelayOf(I), self(), ring) || I <- lists:seq(1, Size)],
    erlang:yield(),
    [true = is_integer(erlang:cancel_timer(Timer)) || Timer <- Timers],
    rounds(Left - Size, DelayOf).
