%% Starts timers of mixed times and cancels each when 1,000 more have been started.
-module(timers).
-export([run/1]).

-define(PENDING, 1000).

run(N) ->
    Pending = queue:from_list([start(I) || I <- lists:seq(1, ?PENDING)]),
    bench:rate(N, fun() -> turn_over(N, Pending) end).

turn_over(0, Pending) ->
    [erlang:cancel_timer(Timer) || Timer <- queue:to_list(Pending)];
turn_over(Left, Pending) ->
    {{value, Oldest}, Others} = queue:out(Pending),
    true = is_integer(erlang:cancel_timer(Oldest)),
    turn_over(Left - 1, queue:in(start(Left), Others)).

%% From a second to about a minute.
start(I) ->
    erlang:send_after(1000 + I * 7919 rem 60000, self(), ring).
