%% As count_burst: Erlang's scheduler makes a sender give way by itself.
-module(count_offer).
-export([run/1]).

run(N) ->
    count_burst:run(N).
