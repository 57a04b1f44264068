%% A hundred processes send numbers to one, which adds them up.
-module(fan_in).
-export([run/1]).

-define(SENDERS, 100).

run(N) ->
    Each = N div ?SENDERS,
    Expected = ?SENDERS * Each * (Each + 1) div 2,
    %% Or each collection would look at all messages that wait.
    process_flag(message_queue_data, off_heap),
    bench:rate(N, fun() ->
        Collector = self(),
        [spawn_link(fun() -> send(Each, Collector) end) || _ <- lists:seq(1, ?SENDERS)],
        Expected = collect(N, 0)
    end).

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
