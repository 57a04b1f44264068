%% Registered names. A send to a name that nobody has raises an error here and is a dead letter in
%% beamish, which is a decision, and left out.
-module(names).
-export([register_and_unregister/0, refused/0, freed_before_down/0, freed_before_exit/0,
         freed_before_restart/0, looked_up_at_each_send/0, anyone_may_unregister/0, calls_by_name/0]).
-import(stage, [say/1, actor/1, actor/2, label/2, does/2, mail/1, fate/1, attempt/1]).

register_and_unregister() ->
    A = actor(a),
    say([whereis(alpha)]),
    register(alpha, A),
    say([whereis(alpha)]),
    unregister(alpha),
    say([whereis(alpha)]),
    fate(A).

refused() ->
    A = actor(a),
    B = actor(b),
    Dead = actor(dead),
    does(Dead, fun() -> exit(gone) end),
    register(alpha, A),
    say([attempt(fun() -> register(alpha, B) end)]),
    say([attempt(fun() -> register(alpha, A) end)]),
    say([attempt(fun() -> register(other, A) end)]),
    say([attempt(fun() -> register(other, Dead) end)]),
    say([attempt(fun() -> unregister(other) end)]),
    say([whereis(alpha), whereis(other)]).

freed_before_down() ->
    [begin
         A = actor(a),
         register(alpha, A),
         does(A, fun() -> ok end),
         Watcher = label(spawn(fun() ->
             monitor(process, A),
             exit(A, Reason),
             receive {'DOWN', _, _, _, R} -> say([R, whereis(alpha)]) end,
             register(alpha, self()),
             say([whereis(alpha)])
         end), watcher),
         stage:settle(),
         say(["watcher is alive", is_process_alive(Watcher)])
     end || Reason <- [bye, kill]].

freed_before_exit() ->
    A = actor(a),
    register(alpha, A),
    label(spawn(fun() ->
        process_flag(trap_exit, true),
        link(A),
        exit(A, bye),
        receive {'EXIT', _, R} -> say([R, whereis(alpha)]) end,
        register(alpha, self()),
        say([whereis(alpha)])
    end), watcher),
    stage:settle().

freed_before_restart() ->
    A = actor(a, traps),
    does(A, fun() ->
        [begin
             Pid = label(spawn_link(fun stage:puppet/0), child),
             register(alpha, Pid),
             exit(Pid, kill),
             receive {'EXIT', Pid, R} -> say([N, R]) end
         end || N <- [1, 2, 3]]
    end),
    say([whereis(alpha)]).

looked_up_at_each_send() ->
    A = actor(a),
    B = actor(b),
    register(alpha, A),
    alpha ! {note, one},
    unregister(alpha),
    register(alpha, B),
    alpha ! {note, two},
    mail(A),
    mail(B).

anyone_may_unregister() ->
    A = actor(a),
    B = actor(b),
    register(alpha, A),
    does(B, fun() -> unregister(alpha) end),
    say([whereis(alpha)]),
    fate(A).

calls_by_name() ->
    Server = doer:start(server),
    stage:run(a, fun() ->
        doer:tried(alpha, fun(_) -> {reply, no, s} end),
        register(alpha, Server),
        doer:tried(alpha, fun(_) -> {reply, yes, s} end),
        exit(Server, kill),
        doer:tried(alpha, fun(_) -> {reply, no, s} end)
    end).
