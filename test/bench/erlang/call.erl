%% Round trips of gen_server:call/2.
-module(call).
-behaviour(gen_server).
-export([run/1, init/1, handle_call/3, handle_cast/2]).

run(N) ->
    {ok, Server} = gen_server:start_link(?MODULE, [], []),
    Rate = bench:rate(N, fun() -> N = add(N, 0, Server) end),
    gen_server:stop(Server),
    Rate.

add(0, Sum, _Server) ->
    Sum;
add(Left, _Sum, Server) ->
    add(Left - 1, gen_server:call(Server, {add, 1}), Server).

init([]) ->
    {ok, 0}.

handle_call({add, I}, _From, Sum) ->
    {reply, Sum + I, Sum + I}.

handle_cast(_, Sum) ->
    {noreply, Sum}.
