%% A token goes round a ring of 1,000 processes.
-module(thread_ring).
-export([run/1]).

-define(PROCESSES, 1000).

run(N) ->
    Main = self(),
    Last = spawn_link(fun() -> receive {next, First} -> member(First, Main) end end),
    First = lists:foldl(
        fun(_, Next) -> spawn_link(fun() -> member(Next, Main) end) end,
        Last,
        lists:seq(2, ?PROCESSES)
    ),
    Last ! {next, First},
    Rate = bench:rate(N, fun() ->
        First ! {token, N},
        receive
            arrived -> ok
        end
    end),
    First ! stop,
    Rate.

member(Next, Main) ->
    receive
        {token, 0} ->
            Main ! arrived,
            member(Next, Main);
        {token, Left} ->
            Next ! {token, Left - 1},
            member(Next, Main);
        stop ->
            Next ! stop
    end.
