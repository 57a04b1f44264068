%% State machines. The gaps are wide, as time here is real. What a machine dies of that breaks a rule has
%% another name in beamish, and is left out; so is a thrown value, which is a crash there, and an error,
%% which terminate is told otherwise.
-module(machines).
-export([changes/0, postpones/0, postpones_and_changes/0, inserts/0, order_after_a_change/0,
         no_time/0, event_timeouts/0, state_timeouts/0, named_timeouts/0, taken_back/0, updated/0,
         last_of_a_kind/0, late_timeouts/0, entering/0, calls/0, replies/0, gives_up/0, ends/0,
         parent_ends/0, starts/0, walks/0]).
-import(stage, [say/1, actor/1, watch/1, pid/1, does/2, fate/1, run/2, settle/0, mail/1]).
-import(machine, [start/1, start/2, start/3, do/3, call/2, call/3]).

keep(_) -> keep_state_and_data.

go(State) -> fun(_) -> {next_state, State, d} end.

%% Postpones in these states.
postpone(States) ->
    fun(S) ->
        case lists:member(S, States) of
            true -> {keep_state_and_data, [postpone]};
            false -> keep_state_and_data
        end
    end.

with(Actions) -> fun(_) -> {keep_state_and_data, Actions} end.

changes() ->
    M = start(machine),
    [do(M, What, Act) || {What, Act} <- [{same, go(a)}, {other, go(b)}, {keep, fun keep/1},
                                         {repeat, fun(_) -> repeat_state_and_data end},
                                         {back, go(a)}]],
    fate(M).

postpones() ->
    M = start(machine),
    [do(M, What, postpone([a, b])) || What <- [x, y]],
    [do(M, What, Act) || {What, Act} <- [{keep, fun keep/1}, {same, go(a)},
                                         {repeat, fun(_) -> repeat_state_and_data end},
                                         {change, go(b)}, {back, go(a)}, {change, go(c)},
                                         {later, fun keep/1}]],
    fate(M).

postpones_and_changes() ->
    M = start(machine),
    do(M, p, postpone([a])),
    do(M, go, fun(a) -> {next_state, b, d, [postpone, {next_event, internal, {own, i}}]};
                 (_) -> keep_state_and_data
              end),
    do(M, q, fun keep/1),
    fate(M).

inserts() ->
    M = start(machine),
    do(M, first, with([{next_event, internal, {own, i1}}, {next_event, internal, {own, i2}}])),
    do(M, second, with([{next_event, internal, {own, i3, with([{next_event, internal, {own, i4}}])}},
                        {next_event, internal, {own, i5}}])),
    do(M, q, fun keep/1),
    fate(M).

order_after_a_change() ->
    M = start(machine),
    do(M, p, postpone([a])),
    do(M, go, fun(_) -> {next_state, b, d, [{state_timeout, 0, t}, {next_event, internal, {own, i}}]} end),
    do(M, q, fun keep/1),
    fate(M).

no_time() ->
    M = start(machine),
    do(M, set, with([{{timeout, n}, 0, x}, {state_timeout, 0, y}, {next_event, internal, {own, i}},
                     {{timeout, m}, 0, z}])),
    do(M, q, fun keep/1),
    settle(),
    do(M, event, with([{timeout, 0, x}, {state_timeout, 0, y}])),
    settle(),
    do(M, no_event, with([{state_timeout, 0, y}, {timeout, 0, x}])),
    settle(),
    do(M, changed, fun(_) -> {next_state, b, d, [{state_timeout, 0, y}]} end),
    settle(),
    do(M, lost, with([{state_timeout, 0, x}, {next_event, internal, {own, go, go(c)}}])),
    fate(M).

event_timeouts() ->
    M = start(machine),
    do(M, alone, with([{timeout, 20, x}])),
    timer:sleep(200),
    do(M, disturbed, with([{timeout, 100, x}])),
    M ! {note, y},
    timer:sleep(200),
    do(M, inserted, with([{timeout, 20, x}, {next_event, internal, {own, i}}])),
    timer:sleep(200),
    do(M, other, with([{timeout, 100, x}, {state_timeout, 20, y}])),
    timer:sleep(200),
    do(M, shorthand, with([20])),
    timer:sleep(200),
    fate(M).

state_timeouts() ->
    M = start(machine),
    do(M, set, with([{state_timeout, 100, x}])),
    [do(M, What, Act) || {What, Act} <- [{noise, fun keep/1}, {same, go(a)},
                                         {repeat, fun(_) -> repeat_state_and_data end}]],
    timer:sleep(300),
    do(M, set, with([{state_timeout, 100, x}])),
    do(M, go, fun(_) -> {next_state, b, d, [{state_timeout, 200, new}]} end),
    timer:sleep(400),
    fate(M).

named_timeouts() ->
    M = start(machine),
    do(M, set, with([{{timeout, n}, 200, x}, {{timeout, m}, 300, y}])),
    do(M, go, go(b)),
    timer:sleep(100),
    do(M, again, with([{{timeout, n}, 400, z}])),
    timer:sleep(600),
    fate(M).

taken_back() ->
    M = start(machine),
    [begin
         do(M, set, with([{state_timeout, 50, x}, {{timeout, n}, 50, x}, {timeout, 50, x}])),
         do(M, How, with(Actions)),
         timer:sleep(200)
     end || {How, Actions} <- [{cancel, [{state_timeout, cancel}, {{timeout, n}, cancel},
                                         {{timeout, m}, cancel}]},
                               {infinity, [{state_timeout, infinity, x}, {{timeout, n}, infinity, x},
                                           {{timeout, m}, infinity, x}]}]],
    fate(M).

updated() ->
    M = start(machine),
    do(M, set, with([{state_timeout, 100, x}, {{timeout, n}, 200, x}])),
    do(M, update, with([{state_timeout, update, y}, {{timeout, n}, update, y}])),
    timer:sleep(400),
    do(M, nothing, with([{{timeout, n}, update, z}])),
    do(M, q, fun keep/1),
    fate(M).

last_of_a_kind() ->
    M = start(machine),
    do(M, set, with([{state_timeout, 20, x}, {state_timeout, 100, y}])),
    timer:sleep(300),
    do(M, zero, with([{state_timeout, 0, x}, {{timeout, n}, 0, y}, {state_timeout, 0, z}])),
    settle(),
    do(M, update, with([{state_timeout, 100, x}, {state_timeout, update, y}])),
    do(M, q, fun keep/1),
    timer:sleep(300),
    fate(M).

late_timeouts() ->
    M = start(machine),
    do(M, set, with([{state_timeout, 100, x}, {{timeout, n}, 100, x}])),
    do(M, slow, fun(_) -> timer:sleep(300), {next_state, b, d} end),
    timer:sleep(50),
    do(M, before, fun keep/1),
    timer:sleep(200),
    do(M, next, fun keep/1),
    timer:sleep(200),
    do(M, set, with([{timeout, 100, x}])),
    settle(),
    do(M, slow, fun(_) -> timer:sleep(300), keep_state_and_data end),
    timer:sleep(600),
    fate(M).

entering() ->
    M = start(machine, fun() -> {ok, b, d, [{next_event, internal, {own, i}}, {state_timeout, 0, x}]} end,
              fun(_, c) ->
                      case stage:count(c) of
                          1 -> {repeat_state_and_data, [{state_timeout, 0, once}]};
                          2 -> {keep_state_and_data, [{{timeout, n}, 0, twice}]};
                          _ -> {stop, why}
                      end;
                 (_, S) -> {next_state, S, d}
              end),
    do(M, go, fun(_) -> {next_state, c, d, [{{timeout, m}, 0, x}, {next_event, internal, {own, j}}]} end),
    do(M, back, go(a)),
    do(M, go, go(c)),
    do(M, never, fun keep/1),
    %% The first machine to crash loads the code that reports it.
    timer:sleep(200),
    fate(M).

calls() ->
    M = start(machine),
    run(caller, fun() ->
        call(M, fun(From, _) -> {keep_state_and_data, [{reply, From, at_once}]} end),
        do(M, later, fun(_) -> {keep_state_and_data, [{state_timeout, 50, x}]} end),
        spawn(fun() -> receive after 100 -> do(M, go, go(b)) end end),
        call(M, fun(_, a) -> {keep_state_and_data, [postpone]};
                   (From, S) -> {keep_state_and_data, [{reply, From, S}]}
                end),
        call(M, fun(_, _) -> keep_state_and_data end, 50),
        call(M, fun(_, _) -> exit(bye) end),
        call(M, fun(_, _) -> keep_state_and_data end)
    end),
    fate(M).

replies() ->
    M = start(machine),
    run(caller, fun() ->
        First = gen_statem:send_request(M, {do, fun(From, _) -> put(first, From), keep_state_and_data end}),
        Second = gen_statem:send_request(M, {do, fun(From, _) ->
            {next_state, b, d, [{next_event, internal, {own, i}}, {reply, get(first), r}, {reply, From, ry}]}
        end}),
        {reply, R} = gen_statem:wait_response(First, infinity),
        {reply, Ry} = gen_statem:wait_response(Second, infinity),
        say([R, Ry]),
        call(M, fun(From, _) -> {stop_and_reply, why, [{reply, From, bye}]} end)
    end),
    fate(M).

gives_up() ->
    M = start(machine),
    A = actor(a),
    spawn(fun() -> timer:sleep(100), do(M, go, go(b)) end),
    does(A, fun() ->
        call(M, fun(_, a) -> {keep_state_and_data, [postpone]};
                   (From, _) -> {keep_state_and_data, [{reply, From, late}]}
                end, 50)
    end),
    timer:sleep(200),
    mail(A),
    fate(M).

ends() ->
    [begin
         M = start(machine),
         do(M, go, go(b)),
         do(M, ends, End),
         do(M, never, fun keep/1),
         fate(M)
     end || End <- [fun(_) -> stop end, fun(_) -> {stop, bye} end, fun(_) -> {stop, {shutdown, x}} end,
                    fun(_) -> exit(bye) end]].

parent_ends() ->
    [begin
         say(["parent ends with", Reason, "and the machine is", Kind]),
         Parent = actor(parent),
         does(Parent, fun() ->
             machine:start_link(machine, fun() -> process_flag(trap_exit, Kind =:= traps), {ok, a, d} end,
                                fun(_, _) -> keep_state_and_data end)
         end),
         M = watch(pid(machine)),
         does(Parent, fun() -> exit(Reason) end),
         fate(M)
     end || Kind <- [traps, plain], Reason <- [shutdown, other, kill]].

starts() ->
    [begin
         A = actor(a),
         does(A, fun() ->
             stage:started(machine:start_link(machine, Init, fun(_, _) -> keep_state_and_data end))
         end),
         fate(A)
     end || Init <- [fun() -> {ok, c, d, [{{timeout, n}, 0, x}]} end, fun() -> ignore end,
                     fun() -> {stop, why} end, fun() -> error(oops) end, fun() -> exit(gone) end]].

%% Whatever comes of what is done at random; the numbers are the same on both sides.
walks() ->
    [begin
         say(["walk", N]),
         M = start(machine),
         put(random, N),
         [begin Act = step(), do(M, I, Act) end || I <- lists:seq(1, 60)],
         fate(M)
     end || N <- lists:seq(1, 20)].

random(Below) ->
    Next = get(random) * 16807 rem 2147483647,
    put(random, Next),
    Next div 7 rem Below.

state() -> lists:nth(random(3) + 1, [a, b, c]).

step() ->
    S = state(),
    T = state(),
    case random(10) of
        0 -> fun keep/1;
        1 -> go(S);
        2 -> postpone([S]);
        3 -> postpone([S, T]);
        4 -> with([{next_event, internal, {own, i}}, {next_event, internal, {own, j}}]);
        5 -> fun(_) -> {next_state, S, d, [{next_event, internal, {own, i}}, {{timeout, n}, 0, S}]} end;
        6 -> fun(U) when U =:= S -> {next_state, T, d, [postpone | case S =:= T of true -> []; false -> [{state_timeout, 0, T}] end]};
                (_) -> keep_state_and_data
             end;
        7 -> with([{state_timeout, 0, S}, {{timeout, m}, 0, T}]);
        8 -> with([{timeout, 0, S}]);
        9 -> fun(_) -> {repeat_state_and_data, [{state_timeout, 0, S}, {next_event, internal, {own, k, go(T)}}]} end
    end.
