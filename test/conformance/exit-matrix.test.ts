/** What each kind of exit signal does to an actor, whether it traps exits or not, whatever its body is. */

import { type ExitReason, type Pid, shutdown } from 'beamish';
import { type TestSystem, testSystem } from 'beamish/testing';
import { describe, expect, test } from 'vitest';
import { BODIES, type BodyKind, type Puppet, puppet } from '../support/puppet.ts';

interface Scene {
  readonly system: TestSystem;
  readonly target: Puppet;
  readonly peer: Puppet;
}

type Outcome =
  | { readonly dies: ExitReason }
  | { readonly gets: ExitReason; readonly from: 'target' | 'peer' | 'elsewhere' }
  | 'nothing';

interface Row {
  readonly ids: readonly [plain: string, trapping: string];
  readonly signal: string;
  act(scene: Scene): Promise<void>;
  readonly plain: Outcome;
  readonly trapping: Outcome;
}

const crash = new Error('crash');
const elsewhere = { system: 'elsewhere', incarnation: 7, serial: 3 } as unknown as Pid;

/** Signals of the peer that name a reason. */
function signalled(reason: ExitReason): Row['act'] {
  return ({ peer, target }) => peer.does((self) => self.exitSignal(target.pid, reason));
}

function toItself(reason: ExitReason): Row['act'] {
  return ({ target }) => target.does((self) => self.exitSignal(self.pid, reason));
}

/** The peer is linked and ends by its own doing. */
function linkedEnd(reason: string | object): Row['act'] {
  return async ({ peer, target }) => {
    await target.does((self) => self.link(peer.pid));
    await peer.does((self) => self.exit(reason));
  };
}

const ORDINARY: readonly (string | object)[] = ['shutdown', shutdown('x'), 'other', { a: 1 }];

const ROWS: readonly Row[] = [
  {
    ids: ['EXIT-01', 'EXIT-02'],
    signal: "exit signal 'normal' of another",
    act: signalled('normal'),
    plain: 'nothing',
    trapping: { gets: 'normal', from: 'peer' },
  },
  {
    ids: ['EXIT-03', 'EXIT-04'],
    signal: "exit signal 'kill' of another",
    act: signalled('kill'),
    plain: { dies: 'killed' },
    trapping: { dies: 'killed' },
  },
  ...['killed', ...ORDINARY].map(
    (reason): Row => ({
      ids: ['EXIT-06', reason === 'killed' ? 'EXIT-05' : 'EXIT-07'],
      signal: `exit signal ${JSON.stringify(reason)} of another`,
      act: signalled(reason),
      plain: { dies: reason },
      trapping: { gets: reason, from: 'peer' },
    }),
  ),
  {
    ids: ['EXIT-15', 'EXIT-16'],
    signal: "exit signal 'normal' to itself",
    act: toItself('normal'),
    plain: { dies: 'normal' },
    trapping: { gets: 'normal', from: 'target' },
  },
  {
    ids: ['EXIT-17', 'EXIT-17'],
    signal: "exit signal 'kill' to itself",
    act: toItself('kill'),
    plain: { dies: 'killed' },
    trapping: { dies: 'killed' },
  },
  ...['killed', ...ORDINARY].map(
    (reason): Row => ({
      ids: ['EXIT-18', 'EXIT-16'],
      signal: `exit signal ${JSON.stringify(reason)} to itself`,
      act: toItself(reason),
      plain: { dies: reason },
      trapping: { gets: reason, from: 'target' },
    }),
  ),
  {
    ids: ['EXIT-08', 'EXIT-09'],
    signal: "link whose peer ended 'normal'",
    act: linkedEnd('normal'),
    plain: 'nothing',
    trapping: { gets: 'normal', from: 'peer' },
  },
  {
    ids: ['EXIT-11', 'EXIT-12'],
    signal: "link whose peer ended by its own exit('kill')",
    act: linkedEnd('kill'),
    plain: { dies: 'kill' },
    trapping: { gets: 'kill', from: 'peer' },
  },
  {
    ids: ['EXIT-13', 'EXIT-13'],
    signal: 'link whose peer was killed',
    async act({ system, peer, target }) {
      await target.does((self) => self.link(peer.pid));
      system.exitSignal(peer.pid, 'kill');
    },
    plain: { dies: 'killed' },
    trapping: { gets: 'killed', from: 'peer' },
  },
  ...ORDINARY.map(
    (reason): Row => ({
      ids: [reason === 'shutdown' ? 'EXIT-35' : 'EXIT-10', 'EXIT-10'],
      signal: `link whose peer ended ${JSON.stringify(reason)}`,
      act: linkedEnd(reason),
      plain: { dies: reason },
      trapping: { gets: reason, from: 'peer' },
    }),
  ),
  {
    ids: ['EXIT-10', 'EXIT-10'],
    signal: 'link whose peer crashed',
    async act({ peer, target }) {
      await target.does((self) => self.link(peer.pid));
      await peer
        .does(() => {
          throw crash;
        })
        .catch(() => {});
    },
    plain: { dies: crash },
    trapping: { gets: crash, from: 'peer' },
  },
  {
    ids: ['LINK-05', 'LINK-04'],
    signal: 'link to the dead',
    async act({ peer, target }) {
      await peer.does((self) => self.exit('gone'));
      await target.does((self) => self.link(peer.pid));
    },
    plain: { dies: 'noproc' },
    trapping: { gets: 'noproc', from: 'peer' },
  },
  {
    ids: ['LINK-06', 'LINK-06'],
    signal: 'link to a system that is not connected',
    act: ({ target }) => target.does((self) => self.link(elsewhere)),
    plain: { dies: 'noconnection' },
    trapping: { gets: 'noconnection', from: 'elsewhere' },
  },
];

const CASES = ROWS.flatMap((row) =>
  BODIES.flatMap((body) =>
    [false, true].map((trapExit) => ({
      row,
      body,
      trapExit,
      outcome: trapExit ? row.trapping : row.plain,
      title: `${row.ids[trapExit ? 1 : 0]} ${row.signal}: ${show(trapExit ? row.trapping : row.plain)}, if the ${body} body ${trapExit ? 'traps' : 'does not trap'} exits`,
    })),
  ),
);

function show(outcome: Outcome): string {
  if (outcome === 'nothing') return 'nothing';
  if ('dies' in outcome) return `it dies ${said(outcome.dies)}`;
  return `it gets an EXIT ${said(outcome.gets)} from ${outcome.from === 'target' ? 'itself' : outcome.from} and lives`;
}

function said(reason: ExitReason): string {
  return reason instanceof Error ? 'with the error' : JSON.stringify(reason);
}

describe('the exit-signal matrix', () => {
  test.each(CASES.map((each) => [each.title, each] as const))('%s', async (_, each) => {
    const { row, body, trapExit, outcome } = each;
    const scene = await stage(body, trapExit);
    const { system, target, peer } = scene;

    await row.act(scene);
    await system.settle();

    if (outcome !== 'nothing' && 'dies' in outcome) {
      expect(system.info(target.pid)).toBeUndefined();
      expect(system.reasonOf(target.pid)).toEqual(outcome.dies);
      return;
    }
    expect(system.info(target.pid)?.links).toEqual([]);
    const from = { target: target.pid, peer: peer.pid, elsewhere };
    expect(await target.mail()).toEqual(
      outcome === 'nothing'
        ? []
        : [{ tag: 'EXIT', from: from[outcome.from], reason: outcome.gets }],
    );
    expect(system.info(target.pid)).toBeDefined();
  });

  test.each(BODIES.flatMap((body) => [true, false].map((trapExit) => [body, trapExit] as const)))(
    'RCV-17 a plain message that looks like an EXIT is a message and ends nobody (%s body, traps exits: %s)',
    async (body, trapExit) => {
      const { system, target, peer } = await stage(body, trapExit);
      const forged = { tag: 'EXIT', from: peer.pid, reason: 'kill' } as never;

      system.send(target.pid, forged);

      expect(await target.mail()).toEqual([forged]);
      expect(system.info(target.pid)).toBeDefined();
    },
  );
});

async function stage(body: BodyKind, trapExit: boolean): Promise<Scene> {
  const system = testSystem();
  const target = await puppet(system, { body, trapExit });
  const peer = await puppet(system, { body });
  return { system, target, peer };
}
