%% Starting is a protocol. What is left in the mailbox of a caller that traps exits when a start fails
%% differs between the versions of OTP; beamish leaves nothing, which is a decision, and left out.
-module(starts).
-export([waits_for_init/0, fails_for_one_that_traps/0, fails_for_one_that_does_not/0, name_is_taken/0,
         name_is_there_in_init/0, name_is_free_after_a_failure/0, takes_too_long/0,
         ends_while_starting/0]).
-import(stage, [say/1, actor/1, actor/2, label/2, pid/1, watch/1, does/2, fate/1, mail/1, run/2,
                started/1]).

failures() ->
    [fun() -> {stop, why} end, fun() -> {stop, {shutdown, x}} end, fun() -> error(oops) end,
     fun() -> exit(gone) end, fun() -> ignore end].

waits_for_init() ->
    run(a, fun() ->
        started(doer:start_link(server, fun() -> timer:sleep(50), say(["init is done"]), {ok, s} end))
    end).

fails_for_one_that_traps() ->
    [begin
         A = actor(a, traps),
         does(A, fun() -> started(doer:start_link(server, Init)) end),
         say(["the server is alive:", is_process_alive(pid(server))]),
         fate(A)
     end || Init <- failures()].

fails_for_one_that_does_not() ->
    [begin
         A = actor(a),
         does(A, fun() -> started(doer:start_link(server, Init)) end),
         fate(A)
     end || Init <- failures()].

name_is_taken() ->
    [begin
         Holder = actor(holder),
         register(alpha, Holder),
         A = actor(a, Kind),
         does(A, fun() ->
             started(doer:start_link(server, fun() -> say(["init runs"]), {ok, s} end, [{name, alpha}]))
         end),
         mail(A),
         fate(A),
         fate(Holder),
         say([whereis(alpha)]),
         unregister(alpha)
     end || Kind <- [plain, traps]].

name_is_there_in_init() ->
    A = actor(a),
    does(A, fun() ->
        started(doer:start_link(server, fun() -> say([whereis(alpha)]), {ok, s} end, [{name, alpha}]))
    end).

name_is_free_after_a_failure() ->
    A = actor(a, traps),
    does(A, fun() ->
        [started(doer:start_link(server, Init, [{name, alpha}])) || Init <- failures()],
        started(doer:start_link(server, fun() -> {ok, s} end, [{name, alpha}]))
    end),
    say([whereis(alpha)]).

takes_too_long() ->
    [begin
         A = actor(a, Kind),
         does(A, fun() ->
             started(doer:start_link(server, fun() -> timer:sleep(60000), {ok, s} end, [{timeout, 50}]))
         end),
         say(["the server is alive:", is_process_alive(pid(server))]),
         mail(A),
         fate(A)
     end || Kind <- [plain, traps]].

ends_while_starting() ->
    %% The caller is not told how the start went: it dies.
    A = watch(label(spawn(fun() -> doer:start_link(server, fun() -> timer:sleep(60000), {ok, s} end) end), a)),
    stage:settle(),
    Server = watch(pid(server)),
    exit(A, bye),
    fate(A),
    fate(Server).
