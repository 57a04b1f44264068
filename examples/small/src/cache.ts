/** A cache whose values expire, and which fetches each once, however many ask for it at a time. */

import {
  type Actor,
  ActorSystem,
  later,
  type ReplyTo,
  type Self,
  type ServerSelf,
  server,
  task,
} from 'beamish';

type Fetched = { tag: 'fetched'; key: string; value: string };
type Expired = { tag: 'expired'; key: string };

const cache = server(
  (self: ServerSelf<Fetched | Expired>, fetch: (key: string) => Promise<string>, ttlMs: number) => {
    const values = new Map<string, string>();
    const waiting = new Map<string, ReplyTo<string>[]>();

    function* fetching(its: Self, key: string): Actor {
      const value = yield* its.wait(fetch(key));
      its.send(self.pid, { tag: 'fetched', key, value });
    }
    return {
      call: {
        get(key: string) {
          const value = values.get(key);
          if (value !== undefined) return value;
          return later<string>((replyTo) => {
            const others = waiting.get(key);
            if (others !== undefined) return void others.push(replyTo);
            waiting.set(key, [replyTo]);
            task(self, fetching, key);
          });
        },
      },
      info: {
        fetched({ key, value }: Fetched) {
          values.set(key, value);
          self.sendAfter(ttlMs, self.pid, { tag: 'expired', key });
          for (const replyTo of waiting.get(key) ?? []) self.send(replyTo, value);
          waiting.delete(key);
        },
        expired: ({ key }: Expired) => values.delete(key),
      },
    };
  },
);

await using system = new ActorSystem();
let fetches = 0;
const slow = async (key: string): Promise<string> => `${key} as of fetch ${++fetches}`;
const pid = await system.start(cache, slow, 50);
console.log(await Promise.all(['a', 'a', 'b'].map((key) => system.call(pid, 'get', key))));
console.log(await system.call(pid, 'get', 'a'));
await new Promise((resolve) => setTimeout(resolve, 100));
console.log(await system.call(pid, 'get', 'a'));
