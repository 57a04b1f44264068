%% Links are a set, and unlink is a promise.
-module(links).
-export([a_set/0, unlink_is_a_promise/0, what_is_queued_stays/0, signals_after_unlink/0,
         either_side_may_unlink/0, link_again/0, link_to_the_dead/0, link_to_oneself/0,
         unlink_of_what_is_no_link/0, a_normal_end_unlinks/0, both_sides_list_it/0, a_ring/0,
         a_message_like_a_signal/0]).
-import(stage, [say/1, actor/1, actor/2, does/2, mail/1, fate/1]).

listed(Pid) ->
    {links, Links} = process_info(Pid, links),
    say([Pid, "is linked to", length(Links)]).

ends(Pid, Reason) -> does(Pid, fun() -> exit(Reason) end).

a_set() ->
    A = actor(a, traps),
    B = actor(b),
    does(A, fun() -> link(B), link(B) end),
    does(B, fun() -> link(A) end),
    listed(A),
    ends(B, r),
    mail(A),
    C = actor(c),
    does(A, fun() -> link(C), link(C), unlink(C) end),
    listed(C),
    ends(C, r),
    mail(A).

unlink_is_a_promise() ->
    A = actor(a),
    B = actor(b),
    does(A, fun() -> link(B) end),
    does(A, fun() -> unlink(B), exit(B, bad) end),
    fate(A),
    fate(B).

what_is_queued_stays() ->
    A = actor(a, traps),
    B = actor(b),
    does(A, fun() -> link(B) end),
    ends(B, x),
    does(A, fun() -> unlink(B) end),
    mail(A).

signals_after_unlink() ->
    A = actor(a, traps),
    B = actor(b),
    does(A, fun() -> link(B) end),
    does(A, fun() -> unlink(B) end),
    does(B, fun() -> exit(A, hello), exit(bye) end),
    mail(A),
    fate(B).

either_side_may_unlink() ->
    A = actor(a),
    B = actor(b),
    does(A, fun() -> link(B) end),
    does(B, fun() -> unlink(A) end),
    [listed(P) || P <- [A, B]],
    ends(B, bad),
    fate(A).

link_again() ->
    A = actor(a, traps),
    B = actor(b),
    does(A, fun() -> link(B), unlink(B), link(B) end),
    ends(B, r),
    mail(A).

link_to_the_dead() ->
    %% Of one that does not trap: here it is an error, in beamish a signal, which is a decision.
    A = actor(a, traps),
    B = actor(b),
    ends(B, gone),
    does(A, fun() -> link(B) end),
    mail(A),
    listed(A).

link_to_oneself() ->
    A = actor(a, traps),
    does(A, fun() -> link(self()), unlink(self()) end),
    listed(A),
    mail(A).

unlink_of_what_is_no_link() ->
    A = actor(a, traps),
    B = actor(b),
    C = actor(c),
    ends(C, gone),
    does(A, fun() -> unlink(B), unlink(C) end),
    mail(A),
    fate(B).

a_normal_end_unlinks() ->
    A = actor(a),
    B = actor(b),
    does(A, fun() -> link(B) end),
    listed(A),
    ends(B, normal),
    fate(A),
    listed(A).

both_sides_list_it() ->
    A = actor(a),
    [B, C] = [actor(Label) || Label <- [b, c]],
    does(A, fun() -> link(B), link(C) end),
    [listed(P) || P <- [A, B, C]].

a_ring() ->
    [A, B, C] = Ring = [actor(Label) || Label <- [a, b, c]],
    Watcher = actor(watcher),
    does(A, fun() -> link(B) end),
    does(B, fun() -> link(C) end),
    does(C, fun() -> link(A) end),
    does(Watcher, fun() -> monitor(process, A) end),
    ends(B, boom),
    [fate(P) || P <- Ring],
    mail(Watcher).

a_message_like_a_signal() ->
    A = actor(a),
    B = actor(b),
    does(B, fun() -> A ! {'EXIT', self(), kill} end),
    mail(A),
    fate(A).
