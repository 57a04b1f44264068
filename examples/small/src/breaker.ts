/** A circuit breaker: after three failures it refuses for a while, and then lets one call through. */

import { ActorSystem, type MachineSelf, type Outcome, stateMachine } from 'beamish';

interface Breaker {
  call: { ask(what: string): Outcome<string> };
}

const breaker = stateMachine(
  (
    self: MachineSelf<'closed' | 'open' | 'half_open', Breaker>,
    service: (what: string) => Promise<string>,
  ) => {
    let failures = 0;
    const attempt = async (what: string): Promise<Outcome<string>> => {
      try {
        return { ok: true, value: await service(what) };
      } catch (error) {
        return { ok: false, reason: String(error) };
      }
    };
    return self.begin('closed', {
      closed: {
        call: {
          async ask(from, what) {
            const answer = await attempt(what);
            failures = answer.ok ? 0 : failures + 1;
            return (failures < 3 ? self.keep() : self.next('open')).reply(from, answer);
          },
        },
      },
      open: {
        enter: () => self.stateTimeout(50),
        stateTimeout: () => self.next('half_open'),
        call: { ask: (from) => self.reply(from, { ok: false, reason: 'the circuit is open' }) },
      },
      half_open: {
        call: {
          async ask(from, what) {
            const answer = await attempt(what);
            failures = 0;
            return self.next(answer.ok ? 'closed' : 'open').reply(from, answer);
          },
        },
      },
    });
  },
);

await using system = new ActorSystem();
let isUp = false;
const service = async (what: string): Promise<string> => {
  if (!isUp) throw new Error('down');
  return what.toUpperCase();
};
const pid = await system.start(breaker, service);
for (let i = 0; i < 4; i++) console.log(await system.call(pid, 'ask', 'hello'));
isUp = true;
await new Promise((resolve) => setTimeout(resolve, 100));
for (let i = 0; i < 2; i++) console.log(await system.call(pid, 'ask', 'hello'));
