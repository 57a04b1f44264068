/** Servers, in whatever order they are called, stopped and killed: each caller hears, and each end is cleaned up after once. */

import { crash, kill, type Scenario } from '@beamish/sim';
import {
  type Actor,
  agent,
  getState,
  later,
  name,
  type Pid,
  replaceState,
  resume,
  type Self,
  server,
  suspend,
} from 'beamish';
import { describe, expect, test } from 'vitest';
import { type Note, outcomes } from '../support/explored.ts';
import type { Any } from '../support/scenes.ts';
import { asking, call, reasonOf, serving, stopping } from '../support/serving.ts';

const KILLED = { faults: [kill('service')] } as const;

describe('calls', () => {
  test('a handler that throws fails the calls that wait, each once, whoever came first', async () => {
    const found = await outcomes(
      (note) =>
        function* scenario(self, { clients }) {
          const its = yield* serving(
            self,
            server(() => ({
              call: {
                one: () => 1,
                bug: () => {
                  throw new Error('a bug');
                },
              },
            })),
          );
          yield* clients({
            ann: [asking, note, its, 'one'],
            bob: [asking, note, its, 'bug'],
            cem: [asking, note, its, 'one'],
          });
        },
      { mayCrash: ['service'] },
    );
    expect(found).toMatchInlineSnapshot(`
      {
        "outcomes": [
          "bug failed: a bug, one 1, one 1",
          "bug failed: a bug, one 1, one failed: a bug",
          "bug failed: a bug, one 1, one failed: noproc",
          "bug failed: a bug, one failed: a bug, one failed: a bug",
          "bug failed: a bug, one failed: a bug, one failed: noproc",
          "bug failed: a bug, one failed: noproc, one failed: noproc",
        ],
        "schedules": 11,
      }
    `);
  });

  test('a crash in any handler, and a kill at any moment: the same', async () => {
    const scenario = (note: Note): Scenario<Any> =>
      function* scenario(self, { clients }) {
        const its = yield* serving(
          self,
          server(() => ({ call: { one: () => 1 } })),
        );
        yield* clients({ ann: [asking, note, its, 'one'], bob: [asking, note, its, 'one'] });
      };
    expect(await outcomes(scenario, { faults: [crash('service')] })).toMatchInlineSnapshot(`
      {
        "outcomes": [
          "one 1, one 1",
          "one 1, one failed: A fault: service crashes",
          "one failed: A fault: service crashes, one failed: A fault: service crashes",
          "one failed: A fault: service crashes, one failed: noproc",
        ],
        "schedules": 8,
      }
    `);
    expect(await outcomes(scenario, KILLED)).toMatchInlineSnapshot(`
      {
        "outcomes": [
          "one 1, one 1",
          "one 1, one failed: killed",
          "one 1, one failed: noproc",
          "one failed: killed, one failed: killed",
          "one failed: killed, one failed: noproc",
          "one failed: noproc, one failed: noproc",
        ],
        "schedules": 18,
      }
    `);
  });

  test('a call whose time is up gets its reply or fails, and no reply is left for the next one', async () => {
    const scenario = (note: Note): Scenario<Any> =>
      function* scenario(self, { clients }) {
        const its = yield* serving(
          self,
          server((me) => ({
            call: {
              *slow(n: number) {
                yield* me.sleep(10);
                return n;
              },
            },
          })),
        );
        yield* clients({
          ann: [
            function* ann(me: Self<Any>): Actor {
              for (const n of [1, 2])
                try {
                  note(`${n} gave ${yield* me.call(its, 'slow', n).within(10)}`);
                } catch (error) {
                  note(`${n} ${reasonOf(error)}`);
                }
              if (me.mailbox(me.pid)?.length !== 0) throw new Error('Something is left');
            },
          ],
        });
      };
    expect(await outcomes(scenario)).toMatchInlineSnapshot(`
      {
        "outcomes": [
          "1 gave 1, 2 gave 2",
          "1 gave 1, 2 timeout",
          "1 timeout, 2 gave 2",
          "1 timeout, 2 timeout",
        ],
        "schedules": 6,
      }
    `);
    expect(await outcomes(scenario, { speed: 'any' })).toMatchInlineSnapshot(`
      {
        "outcomes": [
          "1 gave 1, 2 gave 2",
          "1 gave 1, 2 timeout",
          "1 timeout, 2 gave 2",
          "1 timeout, 2 timeout",
        ],
        "schedules": 42,
      }
    `);
    expect(await outcomes(scenario, { speed: 'any', ...KILLED })).toMatchInlineSnapshot(`
      {
        "outcomes": [
          "1 gave 1, 2 gave 2",
          "1 gave 1, 2 killed",
          "1 gave 1, 2 noproc",
          "1 gave 1, 2 timeout",
          "1 killed, 2 noproc",
          "1 noproc, 2 noproc",
          "1 timeout, 2 gave 2",
          "1 timeout, 2 killed",
          "1 timeout, 2 timeout",
        ],
        "schedules": 406,
      }
    `);
  });

  test('a call that is aborted while its reply is under way gets one of both', async () => {
    const scenario = (note: Note): Scenario<Any> =>
      function* scenario(self, { clients }) {
        const its = yield* serving(
          self,
          server(() => ({ call: { one: () => 1 } })),
        );
        const abort = new AbortController();
        yield* clients({
          ann: [
            function* ann(me: Self<Any>): Actor {
              try {
                note(String(yield* me.call(its, 'one').within('infinity', abort.signal)));
              } catch (error) {
                note(reasonOf(error));
              }
            },
          ],
          bob: [
            function* bob(): Actor {
              abort.abort('aborted');
            },
          ],
        });
      };
    // An AbortSignal is a variable that actors share past their mailboxes.
    const strategy = { every: 'interleaving' } as const;
    expect(await outcomes(scenario, { strategy })).toMatchInlineSnapshot(`
      {
        "outcomes": [
          "1",
          "aborted",
        ],
        "schedules": 8,
      }
    `);
    expect(await outcomes(scenario, { ...KILLED, strategy })).toMatchInlineSnapshot(`
      {
        "outcomes": [
          "1",
          "aborted",
          "killed",
          "noproc",
        ],
        "schedules": 73,
      }
    `);
  });

  test('one that is answered later is answered once, or fails, whoever of the three dies', async () => {
    const scenario = (note: Note): Scenario<Any> =>
      function* scenario(self) {
        const its = yield* serving(
          self,
          server((me) => ({
            call: {
              job: () =>
                later<number>((to) => {
                  me.spawn(function* worker(w: Self): Actor {
                    w.send(to, 1);
                  });
                }),
            },
          })),
        );
        self.spawn(function* caller(me: Self<Any>): Actor {
          me.defer(() => note('over'));
          try {
            note(String(yield* me.call(its, 'job').within(10)));
          } catch (error) {
            note(reasonOf(error));
          }
        });
      };
    expect(await outcomes(scenario, KILLED)).toMatchInlineSnapshot(`
      {
        "outcomes": [
          "1, over",
          "killed, over",
          "noproc, over",
        ],
        "schedules": 6,
      }
    `);
    expect(await outcomes(scenario, { faults: [kill('caller')] })).toMatchInlineSnapshot(`
      {
        "outcomes": [
          "",
          "1, over",
          "over",
        ],
        "schedules": 5,
      }
    `);
    expect(await outcomes(scenario, { faults: [kill('worker')] })).toMatchInlineSnapshot(`
      {
        "outcomes": [
          "1, over",
          "over, timeout",
        ],
        "schedules": 2,
      }
    `);
    expect(
      await outcomes(scenario, { faults: [kill('worker')], speed: 'any' }),
    ).toMatchInlineSnapshot(`
      {
        "outcomes": [
          "1, over",
          "over, timeout",
        ],
        "schedules": 5,
      }
    `);
  });

  test('one that is answered twice gets the first answer, and the other is lost', async () => {
    const found = await outcomes(
      (note) =>
        function* scenario(self, { clients, system }) {
          system.events.on('dead_letter', ({ message }) => note(`${String(message)} lost`));
          const its = yield* serving(
            self,
            server((me) => ({
              call: {
                job: () =>
                  later<number>((to) => {
                    for (const n of [1, 2])
                      me.spawn(function* worker(w: Self): Actor {
                        w.send(to, n);
                      });
                  }),
              },
            })),
          );
          yield* clients({ ann: [asking, note, its, 'job'] });
        },
    );
    expect(found).toMatchInlineSnapshot(`
      {
        "outcomes": [
          "2 lost, job 1",
        ],
        "schedules": 2,
      }
    `);
  });

  test('two servers that call each other hear of the other one’s end, also in the middle of it', async () => {
    const scenario = (note: Note): Scenario<Any> =>
      function* scenario(self, { clients }) {
        const B = name<never>('b');
        const a = yield* serving(
          self,
          server((me) => ({
            call: {
              *both() {
                return 1 + Number(yield* call(me, B, 'one').within('infinity'));
              },
            },
          })),
        );
        yield* serving(
          self,
          server(() => ({ call: { one: () => 1 } })),
          'b',
        );
        yield* clients({ ann: [asking, note, a, 'both'] });
      };
    expect(
      await outcomes(scenario, { faults: [kill('b')], mayCrash: ['service'] }),
    ).toMatchInlineSnapshot(`
      {
        "outcomes": [
          "both 2",
          "both failed: Call "one" to "b" failed: 'killed'",
          "both failed: Call "one" to "b" failed: 'noproc'",
        ],
        "schedules": 3,
      }
    `);
    expect(await outcomes(scenario, KILLED)).toMatchInlineSnapshot(`
      {
        "outcomes": [
          "both 2",
          "both failed: killed",
          "both failed: noproc",
        ],
        "schedules": 7,
      }
    `);
  });
});

describe('the end', () => {
  test('a call and a stop: the call is answered, or fails, and the server is gone', async () => {
    const scenario = (note: Note): Scenario<Any> =>
      function* scenario(self, { clients, eventually, system }) {
        const its = yield* serving(
          self,
          server(() => ({
            call: { one: () => 1 },
            terminate: (reason) => note(`terminate ${String(reason)}`),
          })),
        );
        eventually('it is gone', () => system.info(its as Pid) === undefined);
        yield* clients({
          ann: [asking, note, its, 'one'],
          bob: [stopping, note, its],
        });
      };
    expect(await outcomes(scenario)).toMatchInlineSnapshot(`
      {
        "outcomes": [
          "one 1, stopped, terminate normal",
          "one failed: noproc, stopped, terminate normal",
          "one failed: normal, stopped, terminate normal",
        ],
        "schedules": 3,
      }
    `);
    expect(await outcomes(scenario, { ...KILLED, speed: 'any' })).toMatchInlineSnapshot(`
      {
        "outcomes": [
          "one 1, stop failed: killed",
          "one 1, stop failed: noproc",
          "one 1, stopped, terminate normal",
          "one failed: killed, stop failed: killed",
          "one failed: killed, stop failed: noproc",
          "one failed: noproc, stop failed: killed",
          "one failed: noproc, stop failed: noproc",
          "one failed: noproc, stopped, terminate normal",
          "one failed: normal, stopped, terminate normal",
        ],
        "schedules": 16,
      }
    `);
  });

  test('two who stop it: both hear that it is gone', async () => {
    const scenario = (note: Note): Scenario<Any> =>
      function* scenario(self, { clients }) {
        const its = yield* serving(
          self,
          server(() => ({ terminate: () => note('terminate') })),
        );
        yield* clients({ ann: [stopping, note, its], bob: [stopping, note, its] });
      };
    expect(await outcomes(scenario)).toMatchInlineSnapshot(`
      {
        "outcomes": [
          "stop failed: noproc, stopped, terminate",
          "stopped, stopped, terminate",
        ],
        "schedules": 4,
      }
    `);
    expect(await outcomes(scenario, KILLED)).toMatchInlineSnapshot(`
      {
        "outcomes": [
          "stop failed: killed, stop failed: killed",
          "stop failed: killed, stop failed: noproc",
          "stop failed: noproc, stop failed: noproc",
          "stop failed: noproc, stopped, terminate",
          "stopped, stopped, terminate",
        ],
        "schedules": 14,
      }
    `);
  });

  test('terminate runs once whatever ends it, and never after a kill', async () => {
    const scenario = (note: Note): Scenario<Any> =>
      function* scenario(self, { clients }) {
        self.spawn(function* parent(me: Self<Any>): Actor {
          const its = yield* me.startLink(
            server((s) => {
              s.trapExit(true);
              return {
                call: {
                  one: () => 1,
                  bug: () => {
                    throw new Error('a bug');
                  },
                },
                *terminate(reason) {
                  note(`terminate ${reasonOf(reason)}`);
                  yield* s.yield();
                  note('terminated');
                },
              };
            }),
          );
          if (its.ok) me.register('service', its.pid as never);
          yield* me.receive('never');
        });
        yield* self.sleep(1);
        const its = name<never>('service') as never;
        yield* clients({
          ann: [asking, note, its, 'bug'],
          bob: [stopping, note, its],
        });
      };
    const options = { mayCrash: ['service', 'server', 'parent'] } as const;
    expect(await outcomes(scenario, options)).toMatchInlineSnapshot(`
      {
        "outcomes": [
          "bug failed: a bug, stop failed: a bug, terminate a bug, terminated",
          "bug failed: a bug, stop failed: noproc, terminate a bug, terminated",
          "bug failed: noproc, stopped, terminate normal, terminated",
          "bug failed: normal, stopped, terminate normal, terminated",
        ],
        "schedules": 4,
      }
    `);
    expect(
      await outcomes(scenario, { ...options, faults: [kill('parent')] }),
    ).toMatchInlineSnapshot(`
      {
        "outcomes": [
          "bug failed: a bug, stop failed: a bug, terminate a bug, terminated",
          "bug failed: a bug, stop failed: noproc, terminate a bug, terminated",
          "bug failed: killed, stop failed: killed, terminate killed, terminated",
          "bug failed: killed, stop failed: noproc, terminate killed, terminated",
          "bug failed: noproc, stop failed: killed, terminate killed, terminated",
          "bug failed: noproc, stop failed: noproc",
          "bug failed: noproc, stop failed: noproc, terminate killed, terminated",
          "bug failed: noproc, stopped, terminate normal, terminated",
          "bug failed: normal, stopped, terminate normal, terminated",
        ],
        "schedules": 24,
      }
    `);
    expect(await outcomes(scenario, { ...options, ...KILLED })).toMatchInlineSnapshot(`
      {
        "outcomes": [
          "bug failed: a bug, stop failed: a bug, terminate a bug, terminated",
          "bug failed: a bug, stop failed: noproc, terminate a bug, terminated",
          "bug failed: killed, stop failed: killed",
          "bug failed: killed, stop failed: killed, terminate a bug",
          "bug failed: killed, stop failed: killed, terminate normal",
          "bug failed: killed, stop failed: noproc",
          "bug failed: killed, stop failed: noproc, terminate a bug",
          "bug failed: noproc, stop failed: killed",
          "bug failed: noproc, stop failed: killed, terminate normal",
          "bug failed: noproc, stop failed: noproc",
          "bug failed: noproc, stopped, terminate normal, terminated",
          "bug failed: normal, stopped, terminate normal, terminated",
        ],
        "schedules": 14,
      }
    `);
  });

  test('one that stops by itself answers who asked, and fails those behind', async () => {
    const scenario = (note: Note): Scenario<Any> =>
      function* scenario(self, { clients }) {
        const its = yield* serving(
          self,
          server((me) => ({
            call: {
              last() {
                me.stop();
                return 'last';
              },
            },
            terminate: () => note('terminate'),
          })),
        );
        yield* clients({ ann: [asking, note, its, 'last'], bob: [asking, note, its, 'last'] });
      };
    expect(await outcomes(scenario)).toMatchInlineSnapshot(`
      {
        "outcomes": [
          "last failed: noproc, last last, terminate",
          "last failed: normal, last last, terminate",
        ],
        "schedules": 4,
      }
    `);
    expect(await outcomes(scenario, KILLED)).toMatchInlineSnapshot(`
      {
        "outcomes": [
          "last failed: killed, last failed: killed",
          "last failed: killed, last failed: noproc",
          "last failed: noproc, last failed: noproc",
          "last failed: noproc, last last, terminate",
          "last failed: normal, last last, terminate",
        ],
        "schedules": 14,
      }
    `);
  });
});

describe('the start', () => {
  test('whoever starts it hears once how it went, if it is killed at any moment of it', async () => {
    const scenario = (note: Note): Scenario<Any> =>
      function* scenario(_self, { clients }) {
        yield* clients({
          ann: [
            function* ann(me: Self<Any>): Actor {
              me.trapExit(true);
              const its = yield* me.startLink(
                server(function* service(s) {
                  yield* s.yield();
                  return {};
                }),
              );
              note(its.ok ? 'started' : `not started: ${reasonOf(its.reason)}`);
              const exit = yield* me.receive('EXIT').after(5);
              if (exit !== undefined) note(`EXIT ${reasonOf(exit.reason)}`);
            },
          ],
        });
      };
    expect(await outcomes(scenario, KILLED)).toMatchInlineSnapshot(`
      {
        "outcomes": [
          "EXIT killed, started",
          "not started: killed",
          "started",
        ],
        "schedules": 6,
      }
    `);
  });

  test('two who start one of a name: one of them has it, and the other hears who', async () => {
    const scenario = (note: Note): Scenario<Any> =>
      function* scenario(_self, { clients }) {
        const body = server((me) => {
          me.register('service', me.pid);
          return { call: { one: () => 1 } };
        });
        const starting = function* starting(me: Self<Any>): Actor {
          me.trapExit(true);
          const its = yield* me.startLink(body);
          note(its.ok ? 'started' : 'not started');
          if (its.ok) me.unlink(its.pid as unknown as Pid);
        };
        yield* clients({ ann: [starting], bob: [starting] });
      };
    expect(await outcomes(scenario, { mayCrash: ['*'] })).toMatchInlineSnapshot(`
      {
        "outcomes": [
          "not started, started",
        ],
        "schedules": 2,
      }
    `);
  });
});

describe('what they do between messages', () => {
  test('idleAfter: the time-out or a message, never both for one wait', async () => {
    const scenario = (note: Note): Scenario<Any> =>
      function* scenario(self, { clients }) {
        const its = yield* serving(
          self,
          server((me) => {
            me.idleAfter(5);
            return {
              cast: { ping: () => note('ping') },
              info: { timeout: () => note('idle') },
            };
          }),
        );
        yield* clients({
          ann: [
            function* ann(me: Self<Any>): Actor {
              yield* me.sleep(5);
              me.cast(its, 'ping');
            },
          ],
        });
      };
    expect(await outcomes(scenario)).toMatchInlineSnapshot(`
      {
        "outcomes": [
          "idle, ping",
          "ping",
        ],
        "schedules": 2,
      }
    `);
    expect(await outcomes(scenario, { speed: 'any' })).toMatchInlineSnapshot(`
      {
        "outcomes": [
          "idle, ping",
          "ping",
        ],
        "schedules": 4,
      }
    `);
  });

  test('continueWith comes before what has come meanwhile', async () => {
    const scenario = (note: Note): Scenario<Any> =>
      function* scenario(self, { clients }) {
        const log: string[] = [];
        const its = yield* serving(
          self,
          server((me) => ({
            call: {
              first() {
                me.continueWith(function* () {
                  yield* me.yield();
                  log.push('continued');
                });
                log.push('first');
              },
              second: () => void log.push('second'),
            },
          })),
        );
        yield* clients({
          ann: [asking, () => {}, its, 'first'],
          bob: [asking, () => {}, its, 'second'],
        });
        note(log.join(' then '));
      };
    expect(await outcomes(scenario)).toMatchInlineSnapshot(`
      {
        "outcomes": [
          "first then continued then second",
          "second then first then continued",
        ],
        "schedules": 2,
      }
    `);
  });

  test('one that is suspended answers nobody until it is resumed, and fails all when it is killed', async () => {
    const scenario = (note: Note): Scenario<Any> =>
      function* scenario(self, { clients }) {
        let isSuspended = false;
        const its = yield* serving(
          self,
          server(() => ({
            call: {
              one() {
                if (isSuspended) throw new Error('It is suspended');
                return 1;
              },
            },
          })),
        );
        yield* clients({
          ann: [asking, note, its, 'one'],
          bob: [
            function* bob(me: Self<Any>): Actor {
              try {
                yield* suspend(me, its, { within: 'infinity' });
                isSuspended = true;
                yield* me.yield();
                isSuspended = false;
                yield* resume(me, its, { within: 'infinity' });
                note('resumed');
              } catch (error) {
                note(reasonOf(error));
              }
            },
          ],
        });
      };
    expect(await outcomes(scenario)).toMatchInlineSnapshot(`
      {
        "outcomes": [
          "one 1, resumed",
        ],
        "schedules": 3,
      }
    `);
    expect(await outcomes(scenario, KILLED)).toMatchInlineSnapshot(`
      {
        "outcomes": [
          "killed, one 1",
          "killed, one failed: killed",
          "killed, one failed: noproc",
          "noproc, one 1",
          "noproc, one failed: killed",
          "noproc, one failed: noproc",
          "one 1, resumed",
          "one failed: killed, resumed",
          "one failed: noproc, resumed",
        ],
        "schedules": 33,
      }
    `);
  });

  test('its state is replaced between two handlers, and one that is looked at is whole', async () => {
    const scenario = (note: Note): Scenario<Any> =>
      function* scenario(self, { clients }) {
        let [a, b] = [0, 0];
        const its = yield* serving(
          self,
          server((me) => ({
            call: {
              *both() {
                a++;
                yield* me.yield();
                b++;
              },
            },
            state: {
              get: () => [a, b],
              set([x, y]: [number, number]) {
                [a, b] = [x, y];
              },
            },
          })),
        );
        yield* clients({
          ann: [asking, () => {}, its, 'both'],
          bob: [
            function* bob(me: Self<Any>): Actor {
              const [x, y] = yield* getState<[number, number]>(me, its);
              if (x !== y) throw new Error(`${x} and ${y}`);
              yield* replaceState<[number, number]>(me, its, ([p, q]) => [p + 10, q + 10]);
            },
          ],
        });
        note(`${a} ${b}`);
      };
    expect(await outcomes(scenario)).toMatchInlineSnapshot(`
      {
        "outcomes": [
          "11 11",
        ],
        "schedules": 3,
      }
    `);
  });

  test('an agent loses no update', async () => {
    const scenario = (note: Note): Scenario<Any> =>
      function* scenario(self, { clients }) {
        const hits = (yield* serving(
          self,
          agent(() => 0),
        )) as never;
        const adding = function* adding(me: Self<Any>): Actor {
          yield* agent.update(me, hits, (n: number) => n + 1);
        };
        yield* clients({ ann: [adding], bob: [adding], cem: [adding] });
        note(String(yield* agent.get(self, hits, (n: number) => n)));
      };
    expect(await outcomes(scenario)).toMatchInlineSnapshot(`
      {
        "outcomes": [
          "3",
        ],
        "schedules": 6,
      }
    `);
  });
});
