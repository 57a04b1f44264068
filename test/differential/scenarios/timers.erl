%% Timers. The gaps are wide, as time here is real.
-module(timers).
-export([by_time/0, zero_is_later_too/0, cancelled/0, cancelled_too_late/0, read/0, timeout_message/0,
         outlives_its_maker/0, ends_with_its_target/0, to_a_name/0, cancelled_by_another/0]).
-import(stage, [say/1, actor/1, actor/2, does/2, mail/1, run/2]).

left(false) -> false;
left(Ms) when is_integer(Ms), Ms > 0 -> "some is left".

by_time() ->
    run(a, fun() ->
        [erlang:send_after(Ms, self(), {note, Ms}) || Ms <- [300, 100, 200, 0]],
        [receive {note, Ms} -> say([Ms]) end || _ <- [1, 2, 3, 4]]
    end).

zero_is_later_too() ->
    run(a, fun() ->
        erlang:send_after(0, self(), {note, timer}),
        {message_queue_len, N} = process_info(self(), message_queue_len),
        say([N, "at once"]),
        receive {note, What} -> say([What]) end
    end).

cancelled() ->
    A = actor(a),
    Timer = does(A, fun() -> erlang:send_after(60000, self(), {note, x}) end),
    say([left(erlang:cancel_timer(Timer))]),
    say([left(erlang:cancel_timer(Timer))]),
    say([left(erlang:read_timer(Timer))]),
    mail(A).

cancelled_too_late() ->
    A = actor(a),
    Timer = does(A, fun() -> erlang:send_after(10, self(), {note, x}) end),
    timer:sleep(100),
    say([left(erlang:cancel_timer(Timer))]),
    mail(A).

read() ->
    A = actor(a),
    Long = erlang:send_after(60000, A, {note, x}),
    Short = erlang:send_after(10, A, {note, y}),
    timer:sleep(100),
    say([left(erlang:read_timer(Long))]),
    say([left(erlang:read_timer(Long))]),
    say([left(erlang:read_timer(Short))]),
    mail(A).

timeout_message() ->
    run(a, fun() ->
        First = erlang:start_timer(10, self(), x),
        timer:sleep(100),
        Second = erlang:start_timer(10, self(), x),
        say([left(erlang:cancel_timer(First))]),
        receive {timeout, Second, X} -> say(["second", X]) end,
        receive {timeout, First, Y} -> say(["first", Y]) after 0 -> say(["no first"]) end
    end).

outlives_its_maker() ->
    A = actor(a),
    B = actor(b),
    does(B, fun() -> erlang:send_after(50, A, {note, x}), exit(bye) end),
    timer:sleep(200),
    mail(A).

ends_with_its_target() ->
    A = actor(a),
    Timer = erlang:send_after(60000, A, {note, x}),
    does(A, fun() -> exit(bye) end),
    say([left(erlang:read_timer(Timer))]),
    say([left(erlang:cancel_timer(Timer))]),
    say([left(erlang:read_timer(erlang:send_after(60000, A, {note, x})))]).

to_a_name() ->
    A = actor(a),
    B = actor(b),
    register(alpha, A),
    erlang:send_after(50, alpha, {note, x}),
    unregister(alpha),
    register(alpha, B),
    timer:sleep(200),
    mail(A),
    mail(B).

cancelled_by_another() ->
    A = actor(a),
    B = actor(b),
    Timer = does(A, fun() -> erlang:send_after(60000, self(), {note, x}) end),
    does(B, fun() -> say([left(erlang:cancel_timer(Timer))]) end),
    mail(A).
