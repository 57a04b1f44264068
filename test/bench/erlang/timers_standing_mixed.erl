%% As timers_standing, with delays from a second to about a minute.
-module(timers_standing_mixed).
-export([run/1]).

run(N) ->
    timers_standing:run(N, fun(I) -> 1000 + I * 7919 rem 60000 end).
