%% Tells the log of its start, and of its end unless that was its own. Its traits: on_start is called
%% in init and may fail; stop_ms is how long it takes to terminate.
-module(worker).
-behaviour(gen_server).
-export([start_link/2, init/1, handle_call/3, handle_cast/2, handle_info/2, terminate/2]).

start_link(Id, Traits) -> gen_server:start_link(?MODULE, {Id, Traits}, []).

init({Id, Traits}) ->
    process_flag(trap_exit, true),
    (maps:get(on_start, Traits, fun() -> ok end))(),
    stage:say(["start", Id]),
    {ok, {Id, Traits}}.

handle_call(_, _, State) -> {noreply, State}.

handle_cast(_, State) -> {noreply, State}.

handle_info({'end', Reason}, _) ->
    put(own, true),
    exit(Reason);
handle_info(_, State) -> {noreply, State}.

terminate(_, {Id, Traits}) ->
    case get(own) of
        true -> ok;
        undefined ->
            stage:say(["term", Id]),
            timer:sleep(maps:get(stop_ms, Traits, 0))
    end.
