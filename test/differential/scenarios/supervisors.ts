/** What supervisors do, in which order. */

import {
  type ChildOptions,
  type ChildResult,
  type ChildSpec,
  child,
  deleteChild,
  type ExitReason,
  type Pid,
  restartChild,
  type Started,
  StartFailed,
  type Supervisor,
  type SupervisorOptions,
  server,
  shutdown,
  startChild,
  stop,
  supervisor,
  terminateChild,
} from 'beamish';
import {
  answer,
  childrenOf,
  end,
  endChild,
  pidOf,
  type Traits,
  worker,
} from '../../support/supervised.ts';
import type { Stage } from '../stage.ts';

type Strategy = NonNullable<SupervisorOptions['strategy']>;
type Restart = NonNullable<ChildOptions['restart']>;

/** Restarts that no scenario uses up. */
const MANY = 1000;
const MINUTE_MS = 60_000;

/** A supervisor of this stage, which is told what to do. */
class Family {
  readonly #stage: Stage;
  readonly pid: Pid<Supervisor>;

  constructor(stage: Stage, pid: Pid<Supervisor>) {
    this.#stage = stage;
    this.pid = pid;
  }

  async ends(id: string, reason: ExitReason): Promise<void> {
    await endChild(this.#stage.system, this.pid, id, reason);
  }

  /** Which are there, in the order in which they started. */
  async children(): Promise<void> {
    const newestFirst = await childrenOf(this.#stage.system, this.pid);
    for (const { id, pid } of newestFirst.toReversed()) {
      this.#stage.say('child', id, typeof pid === 'object' ? 'runs' : pid);
    }
  }

  async childPid(id: string): Promise<Pid> {
    return this.#stage.label(await pidOf(this.#stage.system, this.pid, id), id);
  }

  async stop(): Promise<void> {
    const stopped = Promise.resolve(stop(this.#stage.system, this.pid, { reason: 'shutdown' }));
    await this.#stage.wait(MINUTE_MS);
    await stopped;
  }

  fate(): Promise<void> {
    return this.#stage.fate(this.pid);
  }

  start(spec: ChildSpec): Promise<Started<Pid>> {
    return answer(this.#stage.system, startChild(this.#stage.system, this.pid, spec));
  }

  restart(id: string): Promise<Started<Pid>> {
    return answer(this.#stage.system, restartChild(this.#stage.system, this.pid, id));
  }

  terminate(id: string): Promise<ChildResult> {
    return answer(this.#stage.system, terminateChild(this.#stage.system, this.pid, id));
  }

  delete(id: string): Promise<ChildResult> {
    return answer(this.#stage.system, deleteChild(this.#stage.system, this.pid, id));
  }
}

async function start(stage: Stage, options: SupervisorOptions): Promise<Family> {
  const pid = await answer(stage.system, stage.system.start(supervisor(options)));
  return new Family(stage, stage.label(pid, 'family'));
}

function member(stage: Stage, id: string, options: Partial<ChildOptions> = {}, traits?: Traits) {
  return child({ id, ...options }, worker, stage.lines, id, traits ?? {});
}

function members(stage: Stage, ...ids: readonly string[]): ChildSpec[] {
  return ids.map((id) => member(stage, id));
}

export async function startsAndStops(stage: Stage): Promise<void> {
  const family = await start(stage, {
    children: [member(stage, 'a'), member(stage, 'b', {}, { stopMs: 50 }), member(stage, 'c')],
  });
  await family.children();
  await family.stop();
  await family.fate();
}

export const oneForOne = (stage: Stage): Promise<void> => crash(stage, 'one_for_one');
export const oneForAll = (stage: Stage): Promise<void> => crash(stage, 'one_for_all');
export const restForOne = (stage: Stage): Promise<void> => crash(stage, 'rest_for_one');

async function crash(stage: Stage, strategy: Strategy): Promise<void> {
  const children = members(stage, 'a', 'b', 'c', 'd');
  const family = await start(stage, { strategy, intensity: MANY, children });
  for (const id of ['b', 'a', 'd']) {
    stage.say(id, 'crashes');
    await family.ends(id, 'crash');
  }
  await family.children();
}

export const permanent = (stage: Stage): Promise<void> => endsOf(stage, 'permanent');
export const transient = (stage: Stage): Promise<void> => endsOf(stage, 'transient');
export const temporary = (stage: Stage): Promise<void> => endsOf(stage, 'temporary');

async function endsOf(stage: Stage, restart: Restart): Promise<void> {
  const family = await start(stage, { intensity: MANY, children: members(stage, 'a', 'z') });
  for (const reason of ['normal', 'shutdown', shutdown('x'), 'killed', 'crash']) {
    stage.say('ends with', reason);
    await family.start(member(stage, 'b', { restart }));
    await family.ends('b', reason);
    await family.children();
    await family.terminate('b');
    await family.delete('b');
  }
}

export async function bystanders(stage: Stage): Promise<void> {
  const family = await start(stage, {
    strategy: 'one_for_all',
    children: [
      member(stage, 'a'),
      member(stage, 't', { restart: 'temporary' }),
      member(stage, 'c'),
    ],
  });
  await family.ends('a', 'crash');
  await family.children();
}

export async function finishedOnesComeBack(stage: Stage): Promise<void> {
  const family = await start(stage, {
    strategy: 'one_for_all',
    children: [
      member(stage, 'a'),
      member(stage, 't', { restart: 'transient' }),
      member(stage, 'c'),
    ],
  });
  await family.ends('t', 'normal');
  await family.children();
  await family.ends('a', 'crash');
  await family.children();
}

export async function orderlyEndsAreNoReason(stage: Stage): Promise<void> {
  const family = await start(stage, {
    strategy: 'one_for_all',
    children: [
      member(stage, 'a'),
      member(stage, 'b', { restart: 'transient' }),
      member(stage, 'c', { restart: 'temporary' }),
    ],
  });
  await family.ends('b', 'shutdown');
  await family.ends('c', 'crash');
  await family.children();
}

export async function intensity(stage: Stage): Promise<void> {
  const children = members(stage, 'a');
  const family = await start(stage, { intensity: 3, periodMs: MINUTE_MS, children });
  for (let i = 0; i < 3; i++) {
    await family.ends('a', 'crash');
    await family.fate();
  }
  await family.ends('a', 'crash');
  await family.fate();
}

export async function noRestartAtAll(stage: Stage): Promise<void> {
  const family = await start(stage, { intensity: 0, children: members(stage, 'a', 'b') });
  await family.ends('a', 'crash');
  await family.fate();
}

export async function countedTogether(stage: Stage): Promise<void> {
  const children = members(stage, 'a', 'b', 'c');
  const family = await start(stage, { intensity: 1, periodMs: MINUTE_MS, children });
  await family.ends('a', 'crash');
  await family.ends('b', 'crash');
  await family.fate();
}

export async function aGroupCountsOnce(stage: Stage): Promise<void> {
  const family = await start(stage, {
    strategy: 'one_for_all',
    intensity: 1,
    periodMs: MINUTE_MS,
    children: members(stage, 'a', 'b', 'c', 'd'),
  });
  await family.ends('b', 'crash');
  await family.fate();
}

export async function overflowStopsTheOthers(stage: Stage): Promise<void> {
  for (const strategy of ['one_for_one', 'one_for_all', 'rest_for_one'] as const) {
    const children = members(stage, 'a', 'b', 'c', 'd');
    const family = await start(stage, { strategy, intensity: 0, children });
    await family.ends('b', 'crash');
    await family.fate();
  }
}

/** Fails in its nth starts. */
function failing(stage: Stage, id: string, times: readonly number[]): ChildSpec {
  return member(
    stage,
    id,
    {},
    {
      onStart(self) {
        const n = stage.count(id);
        if (!times.includes(n)) return;
        stage.say(id, 'fails in start', n);
        self.exit('nope');
      },
    },
  );
}

export async function aStartFailsInTheMiddle(stage: Stage): Promise<void> {
  const children = [...members(stage, 'a', 'b'), failing(stage, 'c', [1]), ...members(stage, 'd')];
  try {
    await start(stage, { children });
  } catch (error) {
    if (!(error instanceof StartFailed)) throw error;
    stage.say('the family has not started:', error.reason);
  }
}

export async function anIgnoredStart(stage: Stage): Promise<void> {
  const ignoring = server(() => 'ignore');
  const family = await start(stage, {
    children: [
      member(stage, 'a'),
      child('i', ignoring),
      child({ id: 't', restart: 'temporary' }, ignoring),
      member(stage, 'c'),
    ],
  });
  await family.children();
  await family.stop();
}

export async function aRestartFails(stage: Stage): Promise<void> {
  const children = [member(stage, 'a'), failing(stage, 'b', [2, 3]), member(stage, 'c')];
  const family = await start(stage, { intensity: MANY, children });
  await family.ends('b', 'crash');
  await family.children();
}

export async function aRestartNeverSucceeds(stage: Stage): Promise<void> {
  const always = Array.from({ length: 100 }, (_, i) => i + 2);
  const children = [member(stage, 'a'), failing(stage, 'b', always), member(stage, 'c')];
  const family = await start(stage, { intensity: 4, periodMs: MINUTE_MS, children });
  await family.ends('b', 'crash');
  await family.fate();
}

export async function anotherOfAllFailsToRestart(stage: Stage): Promise<void> {
  const children = [member(stage, 'a'), failing(stage, 'b', [2]), member(stage, 'c')];
  const family = await start(stage, { strategy: 'one_for_all', intensity: MANY, children });
  await family.ends('a', 'crash');
  await family.children();
}

export async function anotherOfTheRestFailsToRestart(stage: Stage): Promise<void> {
  const children = [...members(stage, 'a', 'b'), failing(stage, 'c', [2]), ...members(stage, 'd')];
  const family = await start(stage, { strategy: 'rest_for_one', intensity: MANY, children });
  await family.ends('b', 'crash');
  await family.children();
}

function significant(stage: Stage, id: string, restart: Restart): ChildSpec {
  return member(stage, id, { restart, significant: true });
}

export async function anySignificant(stage: Stage): Promise<void> {
  for (const [restart, reason] of [
    ['transient', 'normal'],
    ['transient', 'shutdown'],
    ['temporary', 'normal'],
    ['temporary', 'crash'],
  ] as const) {
    stage.say(restart, reason);
    const family = await start(stage, {
      intensity: 9,
      autoShutdown: 'any_significant',
      children: [member(stage, 'a'), significant(stage, 's', restart), member(stage, 'b')],
    });
    await family.ends('s', reason);
    await family.fate();
  }
}

export async function allSignificant(stage: Stage): Promise<void> {
  const family = await start(stage, {
    intensity: 9,
    autoShutdown: 'all_significant',
    children: [
      significant(stage, 's1', 'transient'),
      member(stage, 'a'),
      significant(stage, 's2', 'temporary'),
    ],
  });
  await family.ends('s1', 'normal');
  await family.fate();
  await family.ends('s2', 'crash');
  await family.fate();
}

export async function aSignificantOneCrashes(stage: Stage): Promise<void> {
  const family = await start(stage, {
    intensity: 9,
    autoShutdown: 'any_significant',
    children: [member(stage, 'a'), significant(stage, 's', 'transient')],
  });
  await family.ends('s', 'crash');
  await family.fate();
  await family.terminate('s');
  await family.fate();
}

export async function kindsOfShutdown(stage: Stage): Promise<void> {
  const family = await start(stage, {
    children: [
      member(stage, 'a', { shutdown: 'infinity' }, { stopMs: 100 }),
      member(stage, 'b', { shutdown: 'brutal_kill' }),
      member(stage, 'c', { shutdown: 50 }, { stopMs: MINUTE_MS }),
      member(stage, 'd'),
    ],
  });
  const pids: Pid[] = [];
  for (const id of ['a', 'b', 'c', 'd']) pids.push(await family.childPid(id));
  await family.stop();
  for (const pid of pids) await stage.fate(pid);
}

export async function oneThatUnlinked(stage: Stage): Promise<void> {
  const family = await start(stage, {
    children: [
      member(stage, 'a'),
      member(stage, 'b', {}, { onStart: (self) => self.unlink(self.parent) }),
      member(stage, 'c'),
    ],
  });
  const b = await family.childPid('b');
  await family.stop();
  await stage.fate(b);
  await family.fate();
}

export async function theParentEnds(stage: Stage): Promise<void> {
  for (const reason of ['normal', 'shutdown', shutdown('x'), 'other']) {
    stage.say('the parent ends with', reason);
    const body = supervisor((self) => {
      stage.label(self.pid, 'family');
      return { children: members(stage, 'a', 'b') };
    });
    const parent = await stage.starter('parent', 'plain', body);
    const family = stage.pid('family');
    await stage.does(parent, (self) => self.exit(reason));
    await stage.fate(family);
  }
}

export async function strangers(stage: Stage): Promise<void> {
  const family = await start(stage, { children: members(stage, 'a') });
  const peer = await stage.actor('peer');
  for (const reason of ['normal', 'shutdown', 'other']) {
    await stage.does(peer, (self) => self.exitSignal(family.pid, reason));
  }
  await stage.does(peer, (self) => {
    self.link(family.pid);
    self.exit('bye');
  });
  await family.children();
  await family.fate();
}

export async function killed(stage: Stage): Promise<void> {
  const family = await start(stage, { children: members(stage, 'a', 'b') });
  const a = await family.childPid('a');
  await family.terminate('b');
  stage.system.exitSignal(family.pid, 'kill');
  await stage.fate(a);
  await family.fate();
}

export async function requests(stage: Stage): Promise<void> {
  const a = member(stage, 'a');
  const family = await start(stage, {
    children: [a, member(stage, 't', { restart: 'temporary' })],
  });
  const says = async (what: string, asked: Promise<ChildResult | Started<Pid>>) => {
    const outcome = await asked;
    stage.say(what, outcome.ok ? 'ok' : outcome.reason);
  };
  await says('start a', family.start(a));
  await says('restart a', family.restart('a'));
  await says('delete a', family.delete('a'));
  await says('terminate a', family.terminate('a'));
  await says('terminate a', family.terminate('a'));
  await says('start a', family.start(a));
  await family.children();
  await says('restart a', family.restart('a'));
  await says('terminate a', family.terminate('a'));
  await says('delete a', family.delete('a'));
  await says('start a', family.start(a));
  await says('terminate t', family.terminate('t'));
  await says('terminate t', family.terminate('t'));
  await says('restart x', family.restart('x'));
  await says('delete x', family.delete('x'));
  await says('terminate x', family.terminate('x'));
  await family.children();
}

export async function escalation(stage: Stage): Promise<void> {
  const inner = supervisor({ intensity: 0, children: members(stage, 'a', 'b') });
  const outer = await start(stage, {
    children: [member(stage, 'x'), child('inner', inner), member(stage, 'y')],
  });
  const { system } = stage;
  const innerPid = (await outer.childPid('inner')) as unknown as Pid<Supervisor>;
  await end(system, await pidOf(system, innerPid, 'a'), 'crash');
  await outer.children();
  await outer.stop();
}

export async function aChildDiesWhileAnotherStarts(stage: Stage): Promise<void> {
  const family = await start(stage, {
    children: [
      member(stage, 'a', {}, { onStart: (self) => void stage.label(self.pid, 'a') }),
      member(
        stage,
        'b',
        {},
        {
          onStart(self) {
            if (stage.count('b') === 1) self.exitSignal(stage.pid('a'), 'kill');
          },
        },
      ),
    ],
  });
  await family.children();
}
