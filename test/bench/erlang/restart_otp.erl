%% As restart, under OTP's supervisor, which gives up after 1,000 restarts: it looks at all those
%% within its period each time, so that with more of them it would be slower still.
-module(restart_otp).
-behaviour(supervisor).
-export([run/1, init/1, start_child/0]).

-define(RESTARTS, 1000).

run(N) ->
    process_flag(trap_exit, true),
    bench:rate(N, fun() -> restart(N) end).

restart(0) ->
    ok;
restart(Left) ->
    Restarts = min(Left, ?RESTARTS),
    {ok, Supervisor} = supervisor:start_link(?MODULE, Restarts),
    receive
        {'EXIT', Supervisor, shutdown} -> restart(Left - Restarts)
    end.

init(Restarts) ->
    Flags = #{strategy => one_for_one, intensity => Restarts, period => 3600},
    {ok, {Flags, [#{id => mayfly, start => {?MODULE, start_child, []}}]}}.

start_child() ->
    {ok, spawn_link(fun() -> exit(over) end)}.
