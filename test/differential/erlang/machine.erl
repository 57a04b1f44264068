%% A state machine that does in each state what it is told, and tells the log of each event.
-module(machine).
-behaviour(gen_statem).
-export([start/1, start/2, start/3, start_link/3, do/3, call/2, call/3]).
-export([callback_mode/0, init/1, handle_event/4, terminate/3]).

start(Label) -> start(Label, fun() -> {ok, a, d} end).

start(Label, Init) -> start(Label, Init, fun(_, _) -> keep_state_and_data end).

start(Label, Init, Enter) ->
    {ok, Pid} = gen_statem:start(?MODULE, {Label, Init, Enter}, []),
    stage:settle(),
    stage:watch(Pid).

start_link(Label, Init, Enter) -> gen_statem:start_link(?MODULE, {Label, Init, Enter}, []).

%% A cast: in state S it returns Act(S).
do(Machine, What, Act) -> gen_statem:cast(Machine, {do, What, Act}).

%% Puts into the log what a call came to. In state S it returns Act(From, S).
call(Machine, Act) -> call(Machine, Act, infinity).

call(Machine, Act, Ms) ->
    case stage:attempt(fun() -> gen_statem:call(Machine, {do, Act}, Ms) end) of
        {exit, Reason} -> stage:say([Reason]);
        Reply -> stage:say(["returned", Reply])
    end.

callback_mode() -> [handle_event_function, state_enter].

init({Label, Init, Enter}) ->
    stage:label(self(), Label),
    put(enter, Enter),
    Init().

handle_event(enter, Old, State, _) ->
    stage:say(["enter", State, "from", Old]),
    (get(enter))(Old, State);
handle_event({call, From}, {do, Act}, State, _) -> stage:say(["call in", State]), Act(From, State);
handle_event(cast, {do, What, Act}, State, _) -> stage:say([What, "in", State]), Act(State);
handle_event(internal, {own, What}, State, _) ->
    stage:say([What, "in", State]),
    keep_state_and_data;
handle_event(internal, {own, What, Act}, State, _) -> stage:say([What, "in", State]), Act(State);
handle_event(info, {note, What}, State, _) ->
    stage:say(["note", What, "in", State]),
    keep_state_and_data;
handle_event(state_timeout, Content, State, _) ->
    stage:say(["state_timeout", Content, "in", State]),
    keep_state_and_data;
handle_event({timeout, Name}, Content, State, _) ->
    stage:say(["timeout", Name, Content, "in", State]),
    keep_state_and_data;
handle_event(timeout, Content, State, _) ->
    stage:say(["event_timeout", Content, "in", State]),
    keep_state_and_data.

terminate(Reason, State, _) -> stage:say([self(), "terminates in", State, "for", Reason]).
