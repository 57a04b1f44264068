%% The Erlang side of the stage: plays every scenario of the modules it is given, each with a log of
%% its own, and prints the logs. What stage.ts has under the same names does the same in beamish.
-module(stage).
-export([main/1, say/1, actor/1, actor/2, label/2, pid/1, watch/1, does/2, mail/1, fate/1]).
-export([settle/0, run/2, attempt/1, started/1, count/1, puppet/0]).

%% Needs a virtual machine with one scheduler: see settle/0.
main(Modules) ->
    ok = logger:set_primary_config(level, none),
    [play(M, F) || Name <- Modules, M <- [list_to_atom(Name)],
                   {F, 0} <- M:module_info(exports), F =/= module_info],
    halt().

play(Module, Scenario) ->
    Before = processes(),
    ets:new(lines, [named_table, public, ordered_set]),
    ets:new(labels, [named_table, public]),
    ets:new(counts, [named_table, public]),
    Player = self(),
    {_, Ref} = spawn_monitor(fun() ->
        process_flag(trap_exit, true),
        label(self(), driver),
        Module:Scenario(),
        Player ! played,
        %% Its children would end with it, and say so.
        timer:sleep(infinity)
    end),
    receive played -> ok;
            {'DOWN', Ref, _, _, Reason} -> say(["the scenario failed:", io_lib:format("~0p", [Reason])])
    after 30000 -> say(["the scenario has not ended"])
    end,
    demonitor(Ref, [flush]),
    io:format("== ~s ~s~n", [Module, Scenario]),
    [io:format("~s~n", [Line]) || {_, Line} <- ets:tab2list(lines)],
    [exit(Pid, kill) || Pid <- processes() -- Before],
    settle(),
    [ets:delete(Table) || Table <- [lines, labels, counts]].

%% One line of the log. Strings are themselves, other terms are in the neutral notation.
say(Parts) ->
    Line = lists:join(" ", [text(Part) || Part <- Parts]),
    true = ets:insert(lines, {erlang:unique_integer([monotonic]), Line}),
    ok.

text(Part) when is_list(Part) -> Part;
text(Part) -> show(Part).

show({timeout, Ref, Message}) when is_reference(Ref) -> ["TIMEOUT ", show(Message)];
show({'EXIT', From, Reason}) -> ["EXIT of ", show(From), ": ", show(Reason)];
show({'DOWN', _, process, Target, Reason}) -> ["DOWN of ", show(Target), ": ", show(Reason)];
show({note, What}) -> show(What);
show({{nocatch, Value}, [{_, _, _, _} | _]}) -> ["nocatch:", show(Value)];
show({Class, [{_, _, _, _} | _]}) -> ["error:", show(Class)];
show({Reason, {Module, call, _}}) when Module =:= gen_server; Module =:= gen_statem -> ["call_failed:", show(Reason)];
show({failed_to_start_child, _, Reason}) -> ["start_failed:", show(Reason)];
show({Name, Node}) when Node =:= node() -> ["name:", show(Name)];
show(Tuple) when is_tuple(Tuple) ->
    ["{", lists:join(",", [show(Each) || Each <- tuple_to_list(Tuple)]), "}"];
show(Pid) when is_pid(Pid) ->
    case ets:match(labels, {'$1', Pid}) of
        [[Label] | _] -> show(Label);
        [] -> "a stranger"
    end;
show(Other) -> io_lib:format("~0p", [Other]).

%% An actor that does what it is told, and leaves whatever else it gets in its mailbox.
actor(Label) -> actor(Label, plain).

actor(Label, Kind) ->
    Pid = watch(label(spawn(fun puppet/0), Label)),
    does(Pid, fun() -> process_flag(trap_exit, Kind =:= traps) end),
    Pid.

puppet() ->
    receive {do, From, Ref, Act} -> From ! {Ref, Act()}, puppet() end.

label(Pid, Label) ->
    ets:match_delete(labels, {Label, '_'}),
    ets:insert(labels, {Label, Pid}),
    Pid.

%% Who has this label now.
pid(Label) ->
    [{_, Pid}] = ets:lookup(labels, Label),
    Pid.

%% For fate/1, while it still lives.
watch(Pid) ->
    put({watch, Pid}, monitor(process, Pid)),
    Pid.

%% Lets it act, settles, and returns what came of it.
does(Pid, Act) ->
    Ref = monitor(process, Pid),
    Pid ! {do, self(), Ref, Act},
    Value = receive {Ref, Returned} -> demonitor(Ref, [flush]), Returned;
                    {'DOWN', Ref, _, _, _} -> undefined
            end,
    settle(),
    Value.

%% Takes everything out of its mailbox, into the log.
mail(Pid) ->
    settle(),
    case does(Pid, fun drain/0) of
        [] -> say([Pid, "gets nothing"]);
        Messages -> [say([Pid, "gets", Message]) || Message <- Messages]
    end.

drain() ->
    receive Message -> [Message | drain()] after 0 -> [] end.

fate(Pid) ->
    settle(),
    Ref = get({watch, Pid}),
    receive {'DOWN', Ref, _, _, Reason} -> say([Pid, "died:", Reason])
    after 0 -> say([Pid, "lives"])
    end.

%% Until nobody but the caller has anything to do. The count is of all schedulers, and exact with one.
settle() ->
    case erlang:statistics(total_active_tasks) of
        1 -> ok;
        _ -> erlang:yield(), settle()
    end.

%% Runs one actor from beginning to end; an end that is not normal goes into the log.
run(Label, Body) ->
    {Pid, Ref} = spawn_monitor(fun() -> label(self(), Label), Body() end),
    receive {'DOWN', Ref, _, Pid, normal} -> ok;
            {'DOWN', Ref, _, Pid, Reason} -> say([Label, "died:", Reason])
    end.

%% What was returned or raised.
attempt(Act) ->
    try Act() catch
        error:Class:Stack -> {Class, Stack};
        exit:Reason -> {exit, Reason}
    end.

%% The outcome of a start, which says who has the name, if that is why.
started({ok, _}) -> say([self(), "has started it"]);
started(ignore) -> say([self(), "has not started it:", ignore]);
started({error, {already_started, Pid}}) ->
    say([self(), "has not started it:", already_started, Pid]);
started({error, Reason}) -> say([self(), "has not started it:", Reason]).

%% How often it was called with this key.
count(Key) -> ets:update_counter(counts, Key, 1, {Key, 0}).
