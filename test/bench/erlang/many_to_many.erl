%% Each of a hundred processes sends a message to each of them and takes a hundred, again and again.
-module(many_to_many).
-export([run/1]).

-define(PEERS, 100).

run(N) ->
    Rounds = N div (?PEERS * ?PEERS),
    Main = self(),
    Peers = [spawn_link(fun() -> peer(Main) end) || _ <- lists:seq(1, ?PEERS)],
    bench:rate(N, fun() ->
        [Peer ! {meet, Peers, Rounds} || Peer <- Peers],
        [receive done -> ok end || _ <- Peers]
    end).

peer(Main) ->
    receive
        {meet, Peers, Rounds} -> rounds(Rounds, Peers, Main)
    end.

rounds(0, _Peers, Main) ->
    Main ! done;
rounds(Left, Peers, Main) ->
    greet(Peers),
    take(?PEERS),
    rounds(Left - 1, Peers, Main).

greet([]) ->
    ok;
greet([Peer | Peers]) ->
    Peer ! {greeting, self()},
    greet(Peers).

take(0) ->
    ok;
take(Left) ->
    receive
        {greeting, _From} -> take(Left - 1)
    end.
