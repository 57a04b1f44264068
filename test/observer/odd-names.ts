/** A program whose every name, tag, reason and title was chosen by somebody who means no good. */

import {
  type Actor,
  ActorSystem,
  child,
  type Message,
  name,
  type Pid,
  type ReplyTo,
  type Self,
  supervisor,
} from 'beamish';
import { report, show } from 'beamish/observation';
import { harmless } from '../../packages/observer/src/terms/text.ts';
import { plain } from '../support/recorder.ts';

/** What is wrong with each is within its first ten characters, so that it is there however much is cut. */
export const ODD = [
  '<img src=x onerror=globalThis.hacked=1>',
  '"><script>globalThis.hacked=1</script>',
  'javascript:globalThis.hacked=1',
  '__proto__',
  'constructor',
  'to\u202eleft \u2066and\u2069 \u200ferror',
  '\ud800half \udc00',
  'line\nbreak\u2028and\r\nback\\n',
  '\u001b[31mred\u001b]0;title\u0007\u009b2J',
  'nul\0\u007f',
  'x'.repeat(10_000),
] as const;

/** But for the end of a line. */
export const CONTROLS = /[^\P{C}\n]/u;

/** What is left of each, as it begins. */
export const SHOWN = ODD.map((odd) => harmless(odd).replace(/\n/g, ' ').slice(0, 9));

interface Request extends Message {
  readonly replyTo: ReplyTo<unknown>;
}

/** Named like the body that it is. */
function called<T extends (...args: never[]) => unknown>(title: string, body: T): T {
  return Object.defineProperty(body, 'name', { value: title });
}

/** Each odd text in each place where the observer shows a text. */
export async function oddProgram(): Promise<ActorSystem> {
  const system = new ActorSystem({ name: 'odd', log: 'off' });
  for (const odd of ODD) {
    // Waits for the tag, has others in its mailbox, a timer, and has taken one.
    const waiting = called(odd, function* (self: Self<Message>): Actor {
      yield* self.receive(odd as never);
      self.sendAfter(600_000, self.pid, plain(odd));
      yield* self.receive(`never ${odd}` as never, `nor ${odd}` as never);
    });
    const pid = system.spawn(waiting) as Pid<Message>;
    system.register(odd, pid as Pid);
    for (let i = 0; i < 3; i++) system.send(pid, plain(odd));
    // Two that wait for each other, and ask oddly.
    const locked: Pid<Message>[] = [];
    for (const i of [0, 1])
      locked.push(
        system.spawn(
          called(`${odd}${i}`, function* (self: Self<Message>): Actor {
            yield* self.receive('go' as never);
            const other: unknown = locked[1 - i];
            yield* self.call(other as Pid<Request>, { tag: odd }).within('infinity');
          }),
        ) as Pid<Message>,
      );
    for (const each of locked) system.send(each, plain('go'));
    // A child that breaks at its first message, and one that ends for an odd reason.
    const breaking = called(odd, function* (self: Self<Message>): Actor {
      yield* self.receive(odd as never);
      throw Object.assign(new Error(odd), { name: odd, stack: `${odd}\n    at ${odd}` });
    });
    const ending = called(odd, function* (self: Self<Message>): Actor {
      yield* self.receive('end' as never);
      self.exit(odd);
    });
    await system.start(
      supervisor({
        intensity: 1000,
        children: [
          child({ id: `${odd} breaks`, name: `breaks ${odd}` }, breaking),
          child({ id: odd, name: `ends ${odd}`, restart: 'temporary' }, ending),
        ],
      }),
    );
    system.send(name<Message>(`nobody ${odd}`), plain(odd));
    report(system, { kind: odd, facts: { [odd]: odd }, text: odd } as never);
    show(system, {
      title: odd,
      look: () => [
        {
          title: odd,
          columns: [{ title: odd }, { title: 'n', unit: 'count' }],
          rows: [{ id: odd, cells: [odd, 1] }],
          actions: [odd],
        },
      ],
    });
    show(system, {
      title: odd,
      look: () => {
        throw Object.assign(new Error(odd), { name: odd });
      },
    });
  }
  return system;
}

/** What comes only while somebody looks. */
export function happen(system: ActorSystem): void {
  for (const odd of ODD) {
    system.send(name<Message>(`breaks ${odd}`), plain(odd));
    system.send(name<Message>(`ends ${odd}`), plain('end'));
    system.send(name<Message>(odd), plain(odd));
  }
}
