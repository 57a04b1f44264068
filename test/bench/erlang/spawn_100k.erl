%% As spawn_1000, with 100,000 alive.
-module(spawn_100k).
-export([run/1]).

run(N) ->
    spawn_1000:run(N, 100000).
