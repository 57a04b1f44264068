%% Calls, and what becomes of those that fail. A value that a handler throws is a return value here
%% and a crash in beamish, which is a decision, and left out.
-module(calls).
-export([late_reply/0, at_once/0, the_dead_and_nobody/0, calling_itself/0, server_ends/0,
         server_is_killed/0, uncaught/0, answered_later/0, client_is_gone/0, linked_client/0,
         linked_client_that_traps/0, mutual/0, among_others/0, several_requests/0,
         request_of_the_dead/0, no_trace/0]).
-import(stage, [say/1, actor/1, label/2, watch/1, does/2, fate/1, run/2]).
-import(doer, [tried/2, tried/3]).

replies(Value) -> fun(_) -> {reply, Value, s} end.

takes(Ms, Value) -> fun(_) -> timer:sleep(Ms), {reply, Value, s} end.

late_reply() ->
    Server = doer:start(server),
    run(a, fun() ->
        tried(Server, takes(400, late), 20),
        timer:sleep(600),
        receive Any -> say(["stray", Any]) after 0 -> say(["nothing came"]) end,
        tried(Server, replies(next))
    end).

at_once() ->
    Server = doer:start(server),
    run(a, fun() ->
        tried(Server, replies(x), 0),
        tried(Server, replies(y), infinity),
        receive Any -> say(["stray", Any]) after 0 -> say(["nothing came"]) end
    end).

the_dead_and_nobody() ->
    Server = doer:start(server),
    does(actor(killer), fun() -> exit(Server, kill) end),
    run(a, fun() ->
        tried(Server, replies(x)),
        tried(nobody, replies(x))
    end).

calling_itself() ->
    Server = doer:start(server),
    run(a, fun() ->
        tried(Server, fun(_) -> tried(self(), replies(x)), {reply, survived, s} end),
        tried(self(), replies(x))
    end).

server_ends() ->
    Ends = [fun(_) -> exit(bye) end,
            fun(_) -> exit(normal) end,
            fun(_) -> exit(shutdown) end,
            fun(_) -> exit({shutdown, x}) end,
            fun(_) -> exit(kill) end,
            fun(_) -> error(oops) end,
            fun(_) -> {stop, bye, s} end,
            fun(_) -> {stop, normal, s} end,
            fun(_) -> {stop, bye, replied, s} end],
    run(a, fun() -> [tried(doer:start(server), End) || End <- Ends] end).

server_is_killed() ->
    [begin
         Server = doer:start(server),
         Client = label(spawn(fun() -> tried(Server, fun(_) -> {noreply, s} end) end), client),
         stage:settle(),
         exit(Server, Reason),
         fate(Server),
         say([Client, "is alive:", is_process_alive(Client)])
     end || Reason <- [kill, shutdown, other]].

uncaught() ->
    Server = doer:start(server),
    run(a, fun() -> doer:do(Server, fun(_) -> {noreply, s} end, 20) end),
    run(b, fun() -> doer:do(nobody, replies(x)) end),
    run(c, fun() -> doer:do(Server, fun(_) -> exit(bye) end) end),
    fate(Server).

answered_later() ->
    Server = doer:start(server),
    run(a, fun() ->
        tried(Server, fun(From) ->
            spawn(fun() -> timer:sleep(50), gen_server:reply(From, from_another) end),
            {noreply, s}
        end),
        tried(Server, fun(From) -> put(kept, From), doer:cast(self(), fun() ->
            gen_server:reply(get(kept), from_itself), {noreply, s}
        end), {noreply, s} end)
    end).

client_is_gone() ->
    Server = doer:start(server),
    Client = watch(label(spawn(fun() -> tried(Server, takes(100, x)) end), client)),
    stage:settle(),
    exit(Client, kill),
    fate(Client),
    timer:sleep(200),
    run(a, fun() -> tried(Server, replies(y)) end).

linked_client() ->
    Server = doer:start(server),
    run(a, fun() ->
        link(Server),
        tried(Server, fun(_) -> exit(bye) end)
    end).

linked_client_that_traps() ->
    Server = doer:start(server),
    run(a, fun() ->
        process_flag(trap_exit, true),
        link(Server),
        tried(Server, fun(_) -> exit(bye) end),
        receive {'EXIT', _, R} -> say(["EXIT", R]) end
    end).

mutual() ->
    A = doer:start(a),
    B = doer:start(b),
    run(client, fun() ->
        tried(A, fun(_) ->
            tried(B, fun(_) -> tried(A, replies(inner), 50), {reply, outer, s} end),
            {reply, whole, s}
        end)
    end).

among_others() ->
    Server = doer:start(server),
    run(a, fun() ->
        [self() ! {note, N} || N <- [1, 2, 3]],
        tried(Server, replies(x)),
        [receive {note, N} -> say([N]) after 0 -> say(["nothing"]) end || _ <- [1, 2, 3, 4]]
    end).

several_requests() ->
    Server = doer:start(server),
    run(a, fun() ->
        Keep = fun(From) -> put(kept, [From | kept()]), {noreply, s} end,
        Ids = [gen_server:send_request(Server, {do, Keep}) || _ <- [1, 2, 3]],
        doer:cast(Server, fun() ->
            %% The last one that asked is the first that is answered.
            [gen_server:reply(From, N) || {N, From} <- lists:enumerate(kept())],
            {noreply, s}
        end),
        [begin {reply, N} = gen_server:wait_response(Id, infinity), say([N]) end || Id <- Ids]
    end).

kept() ->
    case get(kept) of undefined -> []; Kept -> Kept end.

request_of_the_dead() ->
    Server = doer:start(server),
    run(a, fun() ->
        One = gen_server:send_request(Server, {do, fun(_) -> {noreply, s} end}),
        Two = gen_server:send_request(nobody, {do, replies(x)}),
        timeout = gen_server:wait_response(One, 20),
        say(["no answer yet"]),
        exit(Server, bye),
        [begin {error, {R, _}} = gen_server:wait_response(Id, infinity), say([R]) end
         || Id <- [One, Two]],
        receive Any -> say(["stray", Any]) after 0 -> say(["nothing came"]) end
    end).

no_trace() ->
    Server = doer:start(server),
    run(a, fun() ->
        tried(Server, fun(_) -> {noreply, s} end, 20),
        {monitors, Monitors} = process_info(self(), monitors),
        say([length(Monitors), "monitors"])
    end),
    run(b, fun() ->
        tried(Server, replies(x)),
        exit(Server, kill),
        receive Any -> say(["stray", Any]) after 50 -> say(["nothing came"]) end
    end).
