%% Spawning is atomic.
-module(spawns).
-export([linked_one_ends_at_once/0, monitored_one_ends_at_once/0, the_parent_ends/0,
         the_parent_ends_normally/0, a_crash_touches_no_parent/0, the_flag_is_not_inherited/0,
         an_end_of_every_kind/0]).
-import(stage, [say/1, actor/1, actor/2, label/2, watch/1, pid/1, does/2, mail/1, fate/1]).

ends() ->
    [fun() -> ok end, fun() -> exit(r) end, fun() -> exit(kill) end, fun() -> exit(self(), kill) end,
     fun() -> error(oops) end].

linked_one_ends_at_once() ->
    A = actor(a, traps),
    [begin does(A, fun() -> label(spawn_link(End), child) end), mail(A) end || End <- ends()].

monitored_one_ends_at_once() ->
    A = actor(a),
    [begin
         does(A, fun() -> {Pid, _} = spawn_monitor(End), label(Pid, child) end),
         mail(A)
     end || End <- ends()].

child_of(Parent) ->
    watch(does(Parent, fun() -> label(spawn_link(fun stage:puppet/0), child) end)).

the_parent_ends() ->
    A = actor(a),
    Child = child_of(A),
    does(A, fun() -> exit(bad) end),
    fate(Child).

the_parent_ends_normally() ->
    A = actor(a),
    Child = child_of(A),
    does(A, fun() -> exit(normal) end),
    fate(A),
    fate(Child).

a_crash_touches_no_parent() ->
    A = actor(a, traps),
    does(A, fun() -> spawn(fun() -> error(oops) end) end),
    mail(A),
    fate(A).

the_flag_is_not_inherited() ->
    A = actor(a, traps),
    Child = child_of(A),
    does(Child, fun() -> say([process_flag(trap_exit, true), process_flag(trap_exit, false)]) end),
    does(A, fun() -> exit(Child, stop) end),
    fate(Child),
    mail(A).

an_end_of_every_kind() ->
    %% A child that is linked takes a parent with it that does not trap exits.
    [begin
         A = actor(a),
         does(A, fun() -> spawn_link(End) end),
         fate(A)
     end || End <- ends()].
