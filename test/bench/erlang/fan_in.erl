%% A hundred processes send numbers to one, which adds them up; again and again, a million at a time.
-module(fan_in).
-export([run/1]).

-define(SENDERS, 100).
-define(ROUND, 1000000).

run(N) ->
    %% Or each collection would look at all messages that wait.
    process_flag(message_queue_data, off_heap),
    bench:rate(N, fun() -> rounds(N, self()) end).

rounds(0, _Collector) ->
    ok;
rounds(Left, Collector) ->
    Round = min(Left, ?ROUND),
    Each = Round div ?SENDERS,
    Expected = ?SENDERS * Each * (Each + 1) div 2,
    [spawn_link(fun() -> send(Each, Collector) end) || _ <- lists:seq(1, ?SENDERS)],
    Expected = collect(Round, 0),
    rounds(Left - Round, Collector).

send(0, _Collector) ->
    ok;
send(I, Collector) ->
    Collector ! {add, I},
    send(I - 1, Collector).

collect(0, Sum) ->
    Sum;
collect(Left, Sum) ->
    receive
        {add, I} -> collect(Left - 1, Sum + I)
    end.
