%% A server that does what it is asked to, and tells the log of everything else.
-module(doer).
-behaviour(gen_server).
-export([start/1, start/2, start/3, start_link/2, start_link/3, do/2, do/3, tried/2, tried/3,
         cast/2]).
-export([init/1, handle_call/3, handle_cast/2, handle_info/2, handle_continue/2, terminate/2]).

start(Label) -> start(Label, fun() -> {ok, Label} end).

start(Label, Init) -> start(Label, Init, fun() -> ok end).

start(Label, Init, Clean) ->
    {ok, Pid} = gen_server:start(?MODULE, {Label, Init, Clean}, []),
    stage:watch(Pid).

start_link(Label, Init) -> start_link(Label, Init, []).

start_link(Label, Init, Options) ->
    Args = {Label, Init, fun() -> ok end},
    case lists:keytake(name, 1, Options) of
        {value, {name, Name}, Others} -> gen_server:start_link({local, Name}, ?MODULE, Args, Others);
        false -> gen_server:start_link(?MODULE, Args, Options)
    end.

do(Server, Act) -> do(Server, Act, 5000).

do(Server, Act, Ms) -> gen_server:call(Server, {do, Act}, Ms).

%% Puts into the log what a call came to.
tried(Server, Act) -> tried(Server, Act, 5000).

tried(Server, Act, Ms) ->
    case stage:attempt(fun() -> do(Server, Act, Ms) end) of
        {exit, Reason} -> stage:say([Reason]);
        Reply -> stage:say(["returned", Reply])
    end.

cast(Server, Act) -> gen_server:cast(Server, {do, Act}).

init({Label, Init, Clean}) ->
    stage:label(self(), Label),
    put(clean, Clean),
    Init().

handle_call({do, Act}, From, _) -> Act(From).

handle_cast({do, Act}, _) -> Act().

handle_info(Message, State) ->
    stage:say([self(), "is told", Message]),
    {noreply, State}.

handle_continue(Act, _) -> Act().

terminate(Reason, _) ->
    stage:say([self(), "terminates:", Reason]),
    (get(clean))().
