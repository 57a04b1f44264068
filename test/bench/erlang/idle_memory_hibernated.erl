%% As idle_memory, of processes that hibernate while they wait.
-module(idle_memory_hibernated).
-export([run/1, idle/0]).

run(N) ->
    idle_memory:run(N, fun ?MODULE:idle/0).

idle() ->
    receive
        {hello, From} ->
            From ! hello,
            erlang:hibernate(?MODULE, idle, []);
        stop ->
            ok
    end.
