%% Supervisors, and workers that tell the log what becomes of them.
-module(family).
-behaviour(supervisor).
-export([start/2, start_link/2, init/1, child/1, child/2, child/3, child_pid/2, end_child/3]).
-export([children/1, stop/1]).

start(Flags, Children) ->
    case supervisor:start_link(?MODULE, {Flags, Children}) of
        {ok, Pid} -> stage:watch(stage:label(Pid, family));
        {error, Reason} -> stage:say(["the family has not started:", Reason])
    end.

start_link(Flags, Children) ->
    {ok, Pid} = supervisor:start_link(?MODULE, {Flags, Children}),
    {ok, stage:label(Pid, family)}.

init(Plan) -> {ok, Plan}.

child(Id) -> child(Id, #{}).

child(Id, Options) -> child(Id, Options, #{}).

child(Id, Options, Traits) ->
    maps:merge(#{id => Id, start => {worker, start_link, [Id, Traits]}}, Options).

child_pid(Supervisor, Id) ->
    {Id, Pid, _, _} = lists:keyfind(Id, 1, supervisor:which_children(Supervisor)),
    Pid.

%% Ends a child by its own doing.
end_child(Supervisor, Id, Reason) ->
    child_pid(Supervisor, Id) ! {'end', Reason},
    stage:settle().

%% Which are there, in the order in which they started.
children(Supervisor) ->
    stage:settle(),
    [stage:say(["child", Id, if is_pid(Pid) -> "runs"; true -> Pid end])
     || {Id, Pid, _, _} <- lists:reverse(supervisor:which_children(Supervisor))].

stop(Supervisor) -> gen_server:stop(Supervisor, shutdown, infinity).
