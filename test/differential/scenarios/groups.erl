%% Process groups. pg says `ok` where beamish returns nothing or true, and `not_joined` where it returns
%% false. The order of members is promised by neither.
-module(groups).
-export([joins_and_leaves/0, not_joined/0, the_dead/0, scopes/0, monitored/0, demonitored/0]).
-import(stage, [say/1, actor/1, does/2, settle/0]).

scope() ->
    case whereis(pg) of
        undefined -> {ok, _} = pg:start(pg), ok;
        _ -> ok
    end.

members(Group) -> members(pg, Group).

members(Scope, Group) ->
    settle(),
    Labels = [L || P <- pg:get_members(Scope, Group), [L] <- ets:match(labels, {'$1', P})],
    say([Group, "has", list_to_tuple([length(Labels) | lists:sort(Labels)])]).

left(ok) -> say([true]);
left(not_joined) -> say([false]).

%% What a monitor has been told.
told(A, Ref) ->
    settle(),
    [say(["told of", Change, Group, list_to_tuple(Pids)])
     || {R, Change, Group, Pids} <- does(A, fun drain/0), R =:= Ref].

drain() -> receive Message -> [Message | drain()] after 0 -> [] end.

joins_and_leaves() ->
    scope(),
    A = actor(a),
    B = actor(b),
    pg:join(g, A),
    pg:join(g, [A, B]),
    members(g),
    [begin left(pg:leave(g, A)), members(g) end || _ <- [1, 2, 3]],
    left(pg:leave(g, [A, B])),
    members(g).

not_joined() ->
    scope(),
    A = actor(a),
    B = actor(b),
    pg:join(g, A),
    left(pg:leave(g, B)),
    left(pg:leave(none, A)),
    members(none),
    members(g),
    pg:leave(g, A).

the_dead() ->
    scope(),
    A = actor(a),
    B = actor(b),
    pg:join(g, [A, A]),
    pg:join(h, [A, B]),
    does(A, fun() -> exit(bye) end),
    members(g),
    members(h),
    pg:join(g, A),
    members(g),
    say([list_to_tuple(pg:which_groups())]),
    pg:leave(h, B).

scopes() ->
    scope(),
    {ok, Other} = pg:start(other),
    A = actor(a),
    pg:join(g, A),
    members(other, g),
    pg:join(other, g, A),
    pg:leave(g, A),
    members(g),
    members(other, g),
    exit(Other, kill).

monitored() ->
    scope(),
    A = actor(a),
    B = actor(b),
    W = actor(watcher),
    pg:join(g, A),
    {Ref, [A]} = does(W, fun() -> pg:monitor(g) end),
    pg:join(g, [B, B]),
    pg:join(h, B),
    pg:leave(g, B),
    settle(),
    does(A, fun() -> exit(bye) end),
    does(B, fun() -> exit(bye) end),
    told(W, Ref).

demonitored() ->
    scope(),
    A = actor(a),
    W = actor(watcher),
    {Ref, []} = does(W, fun() -> pg:monitor(g) end),
    say([does(W, fun() -> pg:demonitor(Ref) =:= ok end)]),
    say([does(W, fun() -> pg:demonitor(Ref) =:= ok end)]),
    pg:join(g, A),
    told(W, Ref),
    pg:leave(g, A).
