%% Order of all signals between two actors.
-module(order).
-export([message_exit_message/0, fatal_exit_then_message/0, messages_before_down/0,
         messages_before_exit/0, monitor_before_stop/0]).
-import(stage, [say/1, actor/1, actor/2, label/2, does/2, mail/1, fate/1]).

message_exit_message() ->
    A = actor(a),
    B = actor(b, traps),
    does(A, fun() -> B ! {note, first}, exit(B, sig), B ! {note, second} end),
    mail(B).

fatal_exit_then_message() ->
    A = actor(a),
    B = stage:watch(label(spawn(fun() -> receive {note, X} -> say([b, "handles", X]) end end), b)),
    does(A, fun() -> exit(B, sig), B ! {note, never} end),
    fate(B).

messages_before_down() ->
    A = actor(a),
    does(A, fun() ->
        Me = self(),
        {B, _} = spawn_monitor(fun() -> [Me ! {note, N} || N <- [1, 2, 3]], exit(bye) end),
        label(B, b)
    end),
    mail(A).

messages_before_exit() ->
    A = actor(a, traps),
    does(A, fun() ->
        Me = self(),
        B = spawn_link(fun() -> [Me ! {note, N} || N <- [1, 2, 3]], exit(bye) end),
        label(B, b)
    end),
    mail(A).

monitor_before_stop() ->
    A = actor(a),
    B = stage:watch(label(spawn(fun() -> receive {note, R} -> exit(R) end end), b)),
    does(A, fun() -> monitor(process, B), B ! {note, asked}, monitor(process, B) end),
    mail(A),
    fate(B).
