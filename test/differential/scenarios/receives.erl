%% Selective receive.
-module(receives).
-export([skipped_ones_stay/0, oldest_match_first/0, after_zero/0, after_zero_finds_the_last/0,
         nested/0, guards_and_order/0, noise_does_not_wake/0, a_match_beats_the_clock/0,
         each_looks_from_the_front/0,
         a_sleep_takes_nothing/0, signals_among_messages/0]).
-import(stage, [say/1, run/2]).

told(Tags) -> [self() ! {Tag, I} || {I, Tag} <- lists:enumerate(Tags)].

rest() ->
    receive {Tag, I} -> say(["then", Tag, I]), rest() after 0 -> say(["and no more"]) end.

skipped_ones_stay() ->
    run(a, fun() ->
        told([a, b, c, d, c]),
        receive {c, I} -> say([c, I]) end,
        receive {d, J} -> say([d, J]) end,
        rest()
    end).

oldest_match_first() ->
    run(a, fun() ->
        told([x, b, a]),
        receive {a, I} -> say([a, I]); {b, I} -> say([b, I]) end,
        rest()
    end).

after_zero() ->
    run(a, fun() ->
        told([x]),
        receive {y, _} -> say(["no"]) after 0 -> say(["nothing yet"]) end,
        told([y]),
        receive {y, I} -> say([y, I]) after 0 -> say(["no"]) end,
        rest(),
        receive {y, _} -> say(["no"]) after 0 -> say(["empty"]) end
    end).

after_zero_finds_the_last() ->
    run(a, fun() ->
        told(lists:duplicate(50, x) ++ [y]),
        receive {y, I} -> say([y, I]) after 0 -> say(["no"]) end,
        {message_queue_len, N} = process_info(self(), message_queue_len),
        say([N, "are left"])
    end).

nested() ->
    run(a, fun() ->
        told([n, a, n, b, n]),
        receive {a, I} ->
            say([a, I]),
            receive {n, J} ->
                say([n, J]),
                receive {b, K} -> say([b, K]) end
            end
        end,
        rest()
    end).

guards_and_order() ->
    run(a, fun() ->
        told([n, n, n, n]),
        receive {n, I} when I > 2 -> say([n, I]) end,
        receive {n, J} when J > 5 -> say([n, J]) after 0 -> say(["nothing above 5"]) end,
        rest()
    end).

noise_does_not_wake() ->
    run(a, fun() ->
        [erlang:send_after(Ms, self(), {noise, Ms}) || Ms <- [20, 40, 60]],
        receive {never, _} -> say(["no"]) after 300 -> say(["time is up"]) end,
        rest()
    end).

a_match_beats_the_clock() ->
    run(a, fun() ->
        told([x, y]),
        receive {y, I} -> say([y, I]) after 60000 -> say(["time is up"]) end,
        erlang:send_after(50, self(), {y, 9}),
        receive {y, J} -> say([y, J]) after 60000 -> say(["time is up"]) end,
        rest()
    end).

each_looks_from_the_front() ->
    run(a, fun() ->
        told([a, c, b]),
        erlang:send_after(50, self(), {x, 9}),
        receive {x, I} -> say([x, I]) end,
        receive {b, J} -> say([b, J]) end,
        receive {a, K} -> say([a, K]) end,
        erlang:send_after(50, self(), {y, 10}),
        receive {y, L} -> say([y, L]); {n, L} -> say([n, L]) end,
        receive {c, M} -> say([c, M]) end,
        rest()
    end).

a_sleep_takes_nothing() ->
    run(a, fun() ->
        told([a, b]),
        timer:sleep(20),
        rest()
    end).

signals_among_messages() ->
    run(a, fun() ->
        process_flag(trap_exit, true),
        told([a]),
        exit(self(), sig),
        told([b]),
        receive {b, _} -> say(["b first"]) end,
        receive {'EXIT', _, R} -> say(["EXIT", R]) end,
        rest()
    end).
