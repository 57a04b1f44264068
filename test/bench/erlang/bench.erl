%% Runs one counterpart of a workload: once to warm up, once for the figure, which it prints.
%%
%%   erl +S 1:1 -noshell -run bench main ping_pong WARM_UP N
%%
%% Each module exports run/1, which does N operations and returns its figure.
-module(bench).
-export([main/1, rate/2, since/1]).

main([Name, WarmUp, N]) ->
    %% What is to be measured is a crash, not how fast ten thousand reports of one are written.
    ok = logger:set_primary_config(level, none),
    Module = list_to_atom(Name),
    _ = in_process(fun() -> Module:run(list_to_integer(WarmUp)) end),
    Figure = in_process(fun() -> Module:run(list_to_integer(N)) end),
    io:format("~w~n", [Figure]),
    halt().

%% Operations per second.
rate(N, Fun) ->
    Start = erlang:monotonic_time(),
    Fun(),
    N / since(Start).

%% Seconds.
since(Start) ->
    (erlang:monotonic_time() - Start) / erlang:convert_time_unit(1, second, native).

%% A heap of its own for each run, as for each actor.
in_process(Fun) ->
    {Pid, Ref} = spawn_monitor(fun() -> exit({figure, Fun()}) end),
    receive
        {'DOWN', Ref, process, Pid, {figure, Figure}} ->
            Figure;
        {'DOWN', Ref, process, Pid, Reason} ->
            io:format(standard_error, "~p~n", [Reason]),
            halt(1)
    end.
