%% What supervisors do, in which order.
-module(supervisors).
-export([starts_and_stops/0, one_for_one/0, one_for_all/0, rest_for_one/0, permanent/0, transient/0,
         temporary/0, bystanders/0, finished_ones_come_back/0, orderly_ends_are_no_reason/0,
         intensity/0, no_restart_at_all/0, counted_together/0, a_group_counts_once/0,
         overflow_stops_the_others/0, a_start_fails_in_the_middle/0, an_ignored_start/0,
         a_restart_fails/0, a_restart_never_succeeds/0, another_of_all_fails_to_restart/0,
         another_of_the_rest_fails_to_restart/0, any_significant/0, all_significant/0,
         a_significant_one_crashes/0, kinds_of_shutdown/0, one_that_unlinked/0, the_parent_ends/0,
         strangers/0, killed/0, requests/0, escalation/0, a_child_dies_while_another_starts/0]).
-import(stage, [say/1, actor/1, actor/2, pid/1, watch/1, does/2, fate/1, count/1]).
-import(family, [start/2, child/1, child/2, child/3, child_pid/2, end_child/3, children/1, stop/1]).

-define(MANY, #{intensity => 1000}).

flags(Strategy) -> #{strategy => Strategy, intensity => 1000}.

starts_and_stops() ->
    Family = start(?MANY, [child(a), child(b, #{}, #{stop_ms => 50}), child(c)]),
    children(Family),
    stop(Family),
    fate(Family).

one_for_one() -> crash(one_for_one).

one_for_all() -> crash(one_for_all).

rest_for_one() -> crash(rest_for_one).

crash(Strategy) ->
    Family = start(flags(Strategy), [child(Id) || Id <- [a, b, c, d]]),
    [begin say([Id, "crashes"]), end_child(Family, Id, crash) end || Id <- [b, a, d]],
    children(Family).

ends_of(Restart) ->
    Family = start(?MANY, [child(a), child(z)]),
    [begin
         say(["ends with", Reason]),
         supervisor:start_child(Family, child(b, #{restart => Restart})),
         end_child(Family, b, Reason),
         children(Family),
         supervisor:terminate_child(Family, b),
         supervisor:delete_child(Family, b)
     end || Reason <- [normal, shutdown, {shutdown, x}, killed, crash]].

permanent() -> ends_of(permanent).

transient() -> ends_of(transient).

temporary() -> ends_of(temporary).

bystanders() ->
    Family = start(flags(one_for_all), [child(a), child(t, #{restart => temporary}), child(c)]),
    end_child(Family, a, crash),
    children(Family).

finished_ones_come_back() ->
    Family = start(flags(one_for_all), [child(a), child(t, #{restart => transient}), child(c)]),
    end_child(Family, t, normal),
    children(Family),
    end_child(Family, a, crash),
    children(Family).

orderly_ends_are_no_reason() ->
    Family = start(flags(one_for_all), [child(a), child(b, #{restart => transient}),
                                        child(c, #{restart => temporary})]),
    end_child(Family, b, shutdown),
    end_child(Family, c, crash),
    children(Family).

intensity() ->
    Family = start(#{intensity => 3, period => 60}, [child(a)]),
    [begin end_child(Family, a, crash), fate(Family) end || _ <- [1, 2, 3]],
    end_child(Family, a, crash),
    fate(Family).

no_restart_at_all() ->
    Family = start(#{intensity => 0}, [child(a), child(b)]),
    end_child(Family, a, crash),
    fate(Family).

counted_together() ->
    Family = start(#{intensity => 1, period => 60}, [child(a), child(b), child(c)]),
    end_child(Family, a, crash),
    end_child(Family, b, crash),
    fate(Family).

a_group_counts_once() ->
    Family = start(#{strategy => one_for_all, intensity => 1, period => 60},
                   [child(Id) || Id <- [a, b, c, d]]),
    end_child(Family, b, crash),
    fate(Family).

overflow_stops_the_others() ->
    [begin
         Family = start(#{strategy => Strategy, intensity => 0}, [child(Id) || Id <- [a, b, c, d]]),
         end_child(Family, b, crash),
         fate(Family)
     end || Strategy <- [one_for_one, one_for_all, rest_for_one]].

%% Fails in its nth starts.
failing(Id, Times) ->
    child(Id, #{}, #{on_start => fun() ->
        N = count(Id),
        case lists:member(N, Times) of
            true -> say([Id, "fails in start", N]), exit(nope);
            false -> ok
        end
    end}).

a_start_fails_in_the_middle() ->
    start(?MANY, [child(a), child(b), failing(c, [1]), child(d)]).

an_ignored_start() ->
    Ignoring = fun(Id, Options) ->
        child(Id, maps:merge(#{start => {gen_server, start_link, [doer, {Id, fun() -> ignore end, none}, []]}},
                             Options))
    end,
    Family = start(?MANY, [child(a), Ignoring(i, #{}), Ignoring(t, #{restart => temporary}), child(c)]),
    children(Family),
    stop(Family).

a_restart_fails() ->
    Family = start(?MANY, [child(a), failing(b, [2, 3]), child(c)]),
    end_child(Family, b, crash),
    children(Family).

a_restart_never_succeeds() ->
    Family = start(#{intensity => 4, period => 60}, [child(a), failing(b, lists:seq(2, 100)), child(c)]),
    end_child(Family, b, crash),
    fate(Family).

another_of_all_fails_to_restart() ->
    Family = start(flags(one_for_all), [child(a), failing(b, [2]), child(c)]),
    end_child(Family, a, crash),
    children(Family).

another_of_the_rest_fails_to_restart() ->
    Family = start(flags(rest_for_one), [child(a), child(b), failing(c, [2]), child(d)]),
    end_child(Family, b, crash),
    children(Family).

significant(Id, Restart) -> child(Id, #{restart => Restart, significant => true}).

any_significant() ->
    [begin
         say([Restart, Reason]),
         Family = start(#{intensity => 9, auto_shutdown => any_significant},
                        [child(a), significant(s, Restart), child(b)]),
         end_child(Family, s, Reason),
         fate(Family)
     end || {Restart, Reason} <- [{transient, normal}, {transient, shutdown}, {temporary, normal},
                                  {temporary, crash}]].

all_significant() ->
    Family = start(#{intensity => 9, auto_shutdown => all_significant},
                   [significant(s1, transient), child(a), significant(s2, temporary)]),
    end_child(Family, s1, normal),
    fate(Family),
    end_child(Family, s2, crash),
    fate(Family).

a_significant_one_crashes() ->
    Family = start(#{intensity => 9, auto_shutdown => any_significant},
                   [child(a), significant(s, transient)]),
    end_child(Family, s, crash),
    fate(Family),
    supervisor:terminate_child(Family, s),
    fate(Family).

kinds_of_shutdown() ->
    Family = start(?MANY, [child(a, #{shutdown => infinity}, #{stop_ms => 100}),
                           child(b, #{shutdown => brutal_kill}),
                           child(c, #{shutdown => 50}, #{stop_ms => 60000}),
                           child(d)]),
    Pids = [watch(stage:label(child_pid(Family, Id), Id)) || Id <- [a, b, c, d]],
    stop(Family),
    [fate(Pid) || Pid <- Pids].

one_that_unlinked() ->
    Unlink = fun() -> unlink(hd(get('$ancestors'))) end,
    Family = start(?MANY, [child(a), child(b, #{}, #{on_start => Unlink}), child(c)]),
    B = watch(stage:label(child_pid(Family, b), b)),
    stop(Family),
    fate(B),
    fate(Family).

the_parent_ends() ->
    [begin
         say(["the parent ends with", Reason]),
         Parent = actor(parent),
         does(Parent, fun() -> stage:started(family:start_link(?MANY, [child(a), child(b)])) end),
         Family = watch(pid(family)),
         does(Parent, fun() -> exit(Reason) end),
         fate(Family)
     end || Reason <- [normal, shutdown, {shutdown, x}, other]].

strangers() ->
    Family = start(?MANY, [child(a)]),
    Peer = actor(peer),
    [does(Peer, fun() -> exit(Family, Reason) end) || Reason <- [normal, shutdown, other]],
    does(Peer, fun() -> link(Family), exit(bye) end),
    children(Family),
    fate(Family).

killed() ->
    Family = start(?MANY, [child(a), child(b)]),
    A = watch(stage:label(child_pid(Family, a), a)),
    supervisor:terminate_child(Family, b),
    exit(Family, kill),
    fate(A),
    fate(Family).

requests() ->
    Family = start(?MANY, [child(a), child(t, #{restart => temporary})]),
    Answer = fun({ok, _}) -> "ok"; (ok) -> "ok"; ({error, {already_started, _}}) -> already_started;
                ({error, Reason}) -> Reason end,
    Says = fun(What, Asked) -> say([What, Answer(Asked)]) end,
    Says("start a", supervisor:start_child(Family, child(a))),
    Says("restart a", supervisor:restart_child(Family, a)),
    Says("delete a", supervisor:delete_child(Family, a)),
    Says("terminate a", supervisor:terminate_child(Family, a)),
    Says("terminate a", supervisor:terminate_child(Family, a)),
    Says("start a", supervisor:start_child(Family, child(a))),
    children(Family),
    Says("restart a", supervisor:restart_child(Family, a)),
    Says("terminate a", supervisor:terminate_child(Family, a)),
    Says("delete a", supervisor:delete_child(Family, a)),
    Says("start a", supervisor:start_child(Family, child(a))),
    Says("terminate t", supervisor:terminate_child(Family, t)),
    Says("terminate t", supervisor:terminate_child(Family, t)),
    Says("restart x", supervisor:restart_child(Family, x)),
    Says("delete x", supervisor:delete_child(Family, x)),
    Says("terminate x", supervisor:terminate_child(Family, x)),
    children(Family).

escalation() ->
    Inner = #{id => inner, type => supervisor, shutdown => infinity,
              start => {family, start_link, [#{intensity => 0}, [child(a), child(b)]]}},
    Outer = start(?MANY, [child(x), Inner, child(y)]),
    stage:label(Outer, outer),
    A = child_pid(child_pid(Outer, inner), a),
    A ! {'end', crash},
    children(Outer),
    stop(Outer).

a_child_dies_while_another_starts() ->
    Killer = fun() ->
        case count(b) of
            1 -> exit(pid(a), kill);
            _ -> ok
        end
    end,
    Family = start(?MANY, [child(a, #{}, #{on_start => fun() -> stage:label(self(), a) end}),
                           child(b, #{}, #{on_start => Killer})]),
    children(Family).
