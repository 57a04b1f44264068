%% Monitors.
-module(monitors).
-export([every_reason/0, of_the_dead/0, several/0, one_way/0, once/0, given_up_before/0,
         given_up_after/0, given_up_with_flush/0, what_demonitor_says/0, not_of_another/0, of_oneself/0,
         by_name/0, by_name_of_nobody/0, a_name_is_looked_up_once/0, all_hear_the_same/0]).
-import(stage, [say/1, actor/1, actor/2, does/2, mail/1, fate/1]).

ends(Pid, Reason) -> does(Pid, fun() -> exit(Reason) end).

watches(A, B) -> does(A, fun() -> monitor(process, B) end).

every_reason() ->
    A = actor(a),
    Ends = [fun() -> exit(normal) end, fun() -> exit(shutdown) end, fun() -> exit({shutdown, x}) end,
            fun() -> exit(kill) end, fun() -> exit(self(), kill) end, fun() -> exit({a, b}) end,
            fun() -> error(oops) end, fun() -> throw(ball) end],
    [begin
         B = actor(b),
         watches(A, B),
         does(B, End),
         mail(A)
     end || End <- Ends].

of_the_dead() ->
    A = actor(a),
    B = actor(b),
    ends(B, gone),
    watches(A, B),
    mail(A).

several() ->
    A = actor(a),
    B = actor(b),
    [watches(A, B) || _ <- [1, 2, 3]],
    ends(B, r),
    mail(A).

one_way() ->
    A = actor(a),
    B = actor(b),
    watches(A, B),
    ends(A, bad),
    fate(B),
    {monitored_by, Watchers} = process_info(B, monitored_by),
    %% The driver is one of them, and none of beamish's.
    say(["watched by", length(Watchers) - 1]).

once() ->
    A = actor(a),
    B = actor(b),
    watches(A, B),
    ends(B, r),
    mail(A),
    mail(A).

given_up_before() ->
    A = actor(a),
    B = actor(b),
    does(A, fun() -> demonitor(monitor(process, B)) end),
    ends(B, r),
    mail(A).

given_up_after() ->
    A = actor(a),
    B = actor(b),
    Ref = watches(A, B),
    ends(B, r),
    does(A, fun() -> demonitor(Ref) end),
    mail(A).

given_up_with_flush() ->
    A = actor(a),
    B = actor(b),
    Ref = watches(A, B),
    Kept = actor(c),
    watches(A, Kept),
    ends(B, r),
    ends(Kept, r),
    does(A, fun() -> demonitor(Ref, [flush]) end),
    mail(A).

what_demonitor_says() ->
    A = actor(a),
    B = actor(b),
    Says = fun(Ref, Options) -> does(A, fun() -> say([demonitor(Ref, [info | Options])]) end) end,
    First = watches(A, B),
    Says(First, []),
    Says(First, []),
    Second = watches(A, B),
    Third = watches(A, B),
    ends(B, r),
    Says(Second, []),
    Says(Third, [flush]),
    mail(A).

not_of_another() ->
    A = actor(a),
    B = actor(b),
    C = actor(c),
    Ref = watches(A, B),
    does(C, fun() -> demonitor(Ref) end),
    ends(B, r),
    mail(A).

of_oneself() ->
    A = actor(a, traps),
    B = actor(b),
    watches(A, A),
    watches(A, B),
    mail(A),
    ends(B, r),
    mail(A).

by_name() ->
    A = actor(a),
    B = actor(b),
    register(beta, B),
    does(A, fun() -> monitor(process, beta) end),
    ends(B, r),
    mail(A).

by_name_of_nobody() ->
    A = actor(a),
    does(A, fun() -> monitor(process, nobody) end),
    mail(A).

a_name_is_looked_up_once() ->
    A = actor(a),
    B = actor(b),
    C = actor(c),
    register(beta, B),
    does(A, fun() -> monitor(process, beta) end),
    unregister(beta),
    register(beta, C),
    ends(C, not_watched),
    mail(A),
    ends(B, watched),
    mail(A).

all_hear_the_same() ->
    [A, C] = Watchers = [actor(a), actor(c)],
    B = actor(b),
    watches(A, B),
    watches(C, B),
    ends(B, {shutdown, x}),
    [mail(W) || W <- Watchers].
