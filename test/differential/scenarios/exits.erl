%% What exit signals do.
-module(exits).
-export([signal_of_another/0, signal_to_oneself/0, end_of_a_linked_one/0, kill_along_a_chain/0,
         a_chain_ends_where_one_traps/0, first_reason_wins/0, exit_is_caught_and_a_signal_is_not/0,
         flag_at_receipt/0, signals_take_their_turn/0, signals_to_the_dead/0]).
-import(stage, [say/1, actor/1, actor/2, label/2, does/2, mail/1, fate/1, settle/0]).

both_kinds(Case) -> [Case(Kind) || Kind <- [plain, traps]].

%% What became of it.
outcome(Pid) ->
    settle(),
    case is_process_alive(Pid) of
        true -> mail(Pid);
        false -> fate(Pid)
    end.

signal_of_another() ->
    both_kinds(fun(Kind) ->
        [begin
             say(["signal", Reason, "to one that is", Kind]),
             Peer = actor(peer),
             Target = actor(target, Kind),
             does(Peer, fun() -> exit(Target, Reason) end),
             outcome(Target)
         end || Reason <- [normal, kill, killed, shutdown, {shutdown, x}, other, {a, b}, noproc]]
    end).

signal_to_oneself() ->
    both_kinds(fun(Kind) ->
        [begin
             say(["signal", Reason, "to itself, which is", Kind]),
             Target = actor(target, Kind),
             does(Target, fun() -> exit(self(), Reason), say(["and goes on"]) end),
             outcome(Target)
         end || Reason <- [normal, kill, killed, shutdown, other]]
    end).

end_of_a_linked_one() ->
    Ends = [{"exits normal", fun() -> exit(normal) end},
            {"exits kill", fun() -> exit(kill) end},
            {"exits killed", fun() -> exit(killed) end},
            {"exits shutdown", fun() -> exit(shutdown) end},
            {"exits with a detail", fun() -> exit({shutdown, x}) end},
            {"exits other", fun() -> exit(other) end},
            {"kills itself", fun() -> exit(self(), kill) end},
            {"fails", fun() -> error(oops) end},
            {"throws", fun() -> throw(ball) end}],
    both_kinds(fun(Kind) ->
        [begin
             say(["its peer", How, "and it is", Kind]),
             Peer = actor(peer),
             Target = actor(target, Kind),
             does(Target, fun() -> link(Peer) end),
             does(Peer, End),
             outcome(Target),
             fate(Peer)
         end || {How, End} <- Ends]
    end).

kill_along_a_chain() ->
    Ends = [{"exits kill", fun(Last) -> does(Last, fun() -> exit(kill) end) end},
            {"signals kill to itself", fun(Last) -> does(Last, fun() -> exit(self(), kill) end) end},
            {"is sent kill", fun(Last) -> exit(Last, kill) end}],
    both_kinds(fun(Kind) ->
        [begin
             say(["the last", How, "and the first is", Kind]),
             Chain = chain(Kind, [a, b, c, d, e]),
             End(lists:last(Chain)),
             outcome(hd(Chain)),
             [fate(Each) || Each <- tl(Chain)]
         end || {How, End} <- Ends]
    end).

chain(Kind, [First | Others]) ->
    Chain = [actor(First, Kind) | [actor(Label) || Label <- Others]],
    lists:foldl(fun(Next, Last) -> does(Last, fun() -> link(Next) end), Next end,
                hd(Chain), tl(Chain)),
    Chain.

a_chain_ends_where_one_traps() ->
    [A, B, C] = Chain = [actor(a), actor(b, traps), actor(c)],
    does(A, fun() -> link(B) end),
    does(B, fun() -> link(C) end),
    does(C, fun() -> exit(boom) end),
    mail(B),
    [fate(Each) || Each <- Chain].

first_reason_wins() ->
    A = actor(a),
    B = actor(b),
    does(A, fun() -> exit(B, first), exit(B, second) end),
    fate(B),
    C = actor(c, traps),
    does(A, fun() -> exit(C, first), exit(C, kill), exit(C, third) end),
    fate(C).

exit_is_caught_and_a_signal_is_not() ->
    A = actor(a),
    does(A, fun() ->
        try exit(x) catch exit:R -> say(["caught", R]) end,
        try exit(self(), die) catch _:_ -> say(["caught a signal"]) end,
        say(["and goes on"])
    end),
    fate(A).

flag_at_receipt() ->
    A = actor(a),
    B = actor(b, traps),
    does(A, fun() -> exit(B, before) end),
    does(B, fun() -> process_flag(trap_exit, false) end),
    mail(B),
    does(A, fun() -> exit(B, later) end),
    fate(B).

signals_take_their_turn() ->
    A = actor(a),
    B = actor(b, traps),
    does(A, fun() -> B ! {note, 1}, exit(B, two), B ! {note, 3}, exit(B, normal) end),
    mail(B).

signals_to_the_dead() ->
    A = actor(a, traps),
    B = actor(b),
    does(B, fun() -> exit(gone) end),
    does(A, fun() -> exit(B, kill), exit(B, boom), B ! {note, hello} end),
    mail(A),
    fate(B).
