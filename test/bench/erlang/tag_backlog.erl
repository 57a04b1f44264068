%% A process takes messages by their tag, from behind 10,000 others that stay in its mailbox.
-module(tag_backlog).
-export([run/1]).

-define(BACKLOG, 10000).

run(N) ->
    Source = spawn_link(fun source/0),
    [self() ! {noise, I} || I <- lists:seq(1, ?BACKLOG)],
    Rate = bench:rate(N, fun() -> take(N, Source) end),
    Source ! stop,
    Rate.

take(0, _Source) ->
    ok;
take(Left, Source) ->
    Source ! {next, self(), Left},
    receive
        {wanted, Left} -> take(Left - 1, Source)
    end.

source() ->
    receive
        {next, To, I} ->
            To ! {wanted, I},
            source();
        stop ->
            ok
    end.
