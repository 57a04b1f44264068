%% As call_backlog, with an empty mailbox.
-module(call_empty).
-export([run/1]).

run(N) ->
    call_backlog:run(N, 0).
