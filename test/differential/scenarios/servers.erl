%% The turn of a server, and its end.
-module(servers).
-export([continues_after_init/0, continues_after_a_call/0, one_at_a_time/0, casts_to_itself/0,
         stops_with_a_reply/0, terminates/0, does_not_terminate/0, failing_in_terminate/0,
         parent_ends/0, parent_ends_normally/0, parent_ends_behind_messages/0,
         a_signal_stops_it_at_once/0, strangers_are_news/0, idle/0, idle_no_more/0, stopped/0]).
-import(stage, [say/1, actor/1, actor/2, pid/1, watch/1, does/2, fate/1, run/2, attempt/1]).

traps() -> process_flag(trap_exit, true), {ok, s}.

%% A server, trapping exits or not, whose parent this is.
child_of(Parent, traps) -> child_of(Parent, fun traps/0);
child_of(Parent, plain) -> child_of(Parent, fun() -> {ok, s} end);
child_of(Parent, Init) ->
    does(Parent, fun() -> stage:started(doer:start_link(server, Init)) end),
    watch(pid(server)).

continues_after_init() ->
    Server = doer:start(server, fun() ->
        self() ! {note, first},
        {ok, s, {continue, fun() -> say(["continues"]), {noreply, s} end}}
    end),
    fate(Server).

continues_after_a_call() ->
    Server = doer:start(server),
    run(a, fun() ->
        Reply = doer:do(Server, fun(_) ->
            self() ! {note, queued},
            {reply, replied, s, {continue, fun() ->
                say(["continues"]),
                {noreply, s, {continue, fun() -> say(["and again"]), {noreply, s} end}}
            end}}
        end),
        timer:sleep(50),
        say([Reply])
    end).

one_at_a_time() ->
    Server = doer:start(server),
    run(a, fun() ->
        doer:cast(Server, fun() -> say(["begins"]), timer:sleep(50), say(["ends"]), {noreply, s} end),
        Server ! {note, message},
        doer:cast(Server, fun() -> say(["cast"]), {noreply, s} end),
        say([doer:do(Server, fun(_) -> say(["call"]), {reply, done, s} end)])
    end).

casts_to_itself() ->
    Server = doer:start(server),
    run(a, fun() ->
        doer:cast(Server, fun() ->
            say(["first"]),
            timer:sleep(50),
            doer:cast(self(), fun() -> say(["to itself"]), {noreply, s} end),
            {noreply, s}
        end),
        doer:cast(Server, fun() -> say(["second"]), {noreply, s} end)
    end),
    timer:sleep(200).

stops_with_a_reply() ->
    Server = doer:start(server, fun traps/0, fun() -> timer:sleep(50), say(["is clean"]) end),
    run(a, fun() ->
        say([doer:do(Server, fun(_) -> {stop, bye, replied, s} end)])
    end),
    fate(Server).

terminates() ->
    [begin
         Server = doer:start(server),
         doer:cast(Server, End),
         fate(Server)
     end || End <- [fun() -> {stop, normal, s} end, fun() -> {stop, bye, s} end,
                    fun() -> {stop, {shutdown, x}, s} end, fun() -> exit(bye) end,
                    fun() -> error(oops) end]].

does_not_terminate() ->
    Peer = actor(peer),
    [begin
         Server = doer:start(server, fun() -> process_flag(trap_exit, Traps), {ok, s} end),
         does(Peer, fun() -> exit(Server, Reason) end),
         fate(Server)
     end || {Traps, Reason} <- [{false, shutdown}, {false, kill}, {true, kill}]].

failing_in_terminate() ->
    [begin
         Server = doer:start(server, fun traps/0, Clean),
         doer:cast(Server, fun() -> {stop, orig, s} end),
         fate(Server)
     end || Clean <- [fun() -> error(in_terminate) end, fun() -> throw(ball) end,
                      fun() -> returned end]].

parent_ends() ->
    [begin
         say(["parent ends with", Reason, "and the server is", Kind]),
         Parent = actor(parent),
         Server = child_of(Parent, Kind),
         does(Parent, fun() -> exit(Reason) end),
         fate(Server)
     end || Kind <- [traps, plain], Reason <- [shutdown, {shutdown, x}, other, kill]].

parent_ends_normally() ->
    [begin
         Parent = actor(parent),
         Server = child_of(Parent, Kind),
         does(Parent, fun() -> exit(normal) end),
         fate(Server)
     end || Kind <- [traps, plain]].

parent_ends_behind_messages() ->
    Parent = actor(parent),
    Server = child_of(Parent, traps),
    does(Parent, fun() ->
        doer:cast(Server, fun() -> timer:sleep(50), say(["first"]), {noreply, s} end),
        doer:cast(Server, fun() -> say(["second"]), {noreply, s} end),
        exit(die)
    end),
    timer:sleep(200),
    fate(Server).

a_signal_stops_it_at_once() ->
    Peer = actor(peer),
    Server = doer:start(server),
    does(Peer, fun() ->
        doer:cast(Server, fun() -> timer:sleep(400), say(["first"]), {noreply, s} end),
        doer:cast(Server, fun() -> say(["second"]), {noreply, s} end)
    end),
    does(Peer, fun() -> exit(Server, die) end),
    timer:sleep(600),
    fate(Server).

strangers_are_news() ->
    Peer = actor(peer),
    Server = doer:start(server, fun traps/0),
    doer:cast(Server, fun() -> link(Peer), monitor(process, Peer), {noreply, s} end),
    stage:settle(),
    does(Peer, fun() -> exit(Server, hello), Server ! {note, x} end),
    stage:settle(),
    doer:cast(Server, fun() -> unlink(Peer), {noreply, s} end),
    stage:settle(),
    does(Peer, fun() -> exit(bye) end),
    fate(Server).

idle() ->
    Server = doer:start(server, fun() -> {ok, s, 20} end),
    timer:sleep(150),
    fate(Server).

idle_no_more() ->
    Server = doer:start(server, fun() -> {ok, s, 400} end),
    doer:cast(Server, fun() -> say(["busy"]), {noreply, s} end),
    timer:sleep(800),
    doer:cast(Server, fun() -> self() ! {note, x}, {noreply, s, 0} end),
    timer:sleep(50),
    doer:cast(Server, fun() -> {noreply, s, 0} end),
    timer:sleep(50),
    fate(Server).

stopped() ->
    [begin
         Server = doer:start(server, fun() -> {ok, s} end, Clean),
         run(a, fun() ->
             case attempt(fun() -> gen_server:stop(Server, Reason, infinity) end) of
                 ok -> say(["stopped"]);
                 {exit, Failure} -> say(["not stopped:", Failure])
             end
         end),
         fate(Server)
     end || {Reason, Clean} <- [{normal, fun() -> ok end}, {bye, fun() -> ok end},
                                {normal, fun() -> error(in_terminate) end},
                                {normal, fun() -> exit(otherwise) end}]].
