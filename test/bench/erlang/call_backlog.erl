%% Requests and replies of a process that has 100,000 messages which it does not take. The receive
%% matches a reference made just before, so that the BEAM does not look at older messages.
-module(call_backlog).
-export([run/1, run/2]).

-define(BACKLOG, 100000).

run(N) ->
    run(N, ?BACKLOG).

run(N, Backlog) ->
    %% Or each collection would look at the whole backlog.
    process_flag(message_queue_data, off_heap),
    Server = spawn_link(fun server/0),
    [self() ! {noise, I} || I <- lists:seq(1, Backlog)],
    Rate = bench:rate(N, fun() -> ask(N, Server) end),
    Server ! stop,
    Rate.

ask(0, _Server) ->
    ok;
ask(Left, Server) ->
    Ref = make_ref(),
    Server ! {double, self(), Ref, Left},
    receive
        {Ref, Doubled} -> Doubled = 2 * Left
    end,
    ask(Left - 1, Server).

server() ->
    receive
        {double, From, Ref, I} ->
            From ! {Ref, 2 * I},
            server();
        stop ->
            ok
    end.
