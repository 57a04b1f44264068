%% Bytes of a process that waits for a message.
-module(idle_memory).
-export([run/1, run/2]).

run(N) ->
    run(N, fun idle/0).

run(N, Fun) ->
    Before = erlang:memory(processes),
    Pids = [spawn_link(Fun) || _ <- lists:seq(1, N)],
    [greet(Pid) || Pid <- Pids],
    erlang:garbage_collect(),
    Own = element(2, process_info(self(), memory)),
    Bytes = (erlang:memory(processes) - Before - Own) / N,
    [Pid ! stop || Pid <- Pids],
    Bytes.

greet(Pid) ->
    Pid ! {hello, self()},
    receive
        hello -> ok
    end.

idle() ->
    receive
        {hello, From} ->
            From ! hello,
            idle();
        stop ->
            ok
    end.
