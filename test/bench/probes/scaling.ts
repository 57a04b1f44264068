/**
 * What an operation costs in CPU time as the number of things it lives among grows. Takes the name of
 * a course and the numbers; prints nanoseconds per operation, one for each number, as JSON.
 */

import {
  type Actor,
  ActorSystem,
  child,
  dynamicSupervisor,
  type Message,
  type Pid,
  type Ref,
  type Self,
  startAnother,
} from 'beamish';

/** So many, at least, so that a short measurement is long enough. */
const OPERATIONS = 100_000;
/** The least of several is the one that was least disturbed. The largest last so long that one will do. */
const REPEATS = 3;
const LONG = 1_000_000;
/** Of runs before the first that counts: until the code is optimised. */
const WARM_UPS = 5;

interface Stop extends Message {
  readonly tag: 'stop';
}

interface Job extends Message {
  readonly tag: 'job';
  readonly from: Pid<Job>;
}

/** Does at least `OPERATIONS` among `count` and returns the nanoseconds that one took. */
type Course = (self: Self<Job | Started>, count: number) => Actor<number>;

function* idle(self: Self<Stop>): Actor {
  yield* self.receive('stop');
}

function* echo(self: Self<Job>): Actor {
  for (;;) {
    const job = yield* self.receive('job');
    self.send(job.from, job);
  }
}

/** Messages that wait: all are sent, then all are taken. */
function* mailbox(self: Self<Job>, count: number): Actor<number> {
  const job: Job = { tag: 'job', from: self.pid };
  const clock = start();
  const rounds = roundsOf(count);
  for (let round = 0; round < rounds; round++) {
    for (let i = 0; i < count; i++) self.send(self.pid, job);
    for (let i = 0; i < count; i++) yield* self.receive('job');
  }
  return clock(rounds * count);
}

/** Actors that are spawned, come to wait, and end. */
function* actors(self: Self<Job>, count: number): Actor<number> {
  const clock = start();
  const rounds = roundsOf(count);
  for (let round = 0; round < rounds; round++) {
    const pids = yield* spawnIdle(self, count);
    for (const pid of pids) self.send(pid, { tag: 'stop' });
    yield* self.yield();
  }
  return clock(rounds * count);
}

/** Messages between two of many actors. */
function* bystanders(self: Self<Job>, count: number): Actor<number> {
  const pids = yield* spawnIdle(self, count);
  const other = self.spawnLink(echo);
  const job: Job = { tag: 'job', from: self.pid };
  const clock = start();
  for (let i = 0; i < OPERATIONS; i++) {
    self.send(other, job);
    yield* self.receive('job');
  }
  const cost = clock(OPERATIONS);
  yield* endAll(self, pids);
  return cost;
}

/** Links of one actor, made and undone. */
function* links(self: Self<Job>, count: number): Actor<number> {
  const pids = yield* spawnIdle(self, count);
  const clock = start();
  const rounds = roundsOf(count);
  for (let round = 0; round < rounds; round++) {
    for (const pid of pids) self.link(pid);
    for (const pid of pids) self.unlink(pid);
  }
  const cost = clock(rounds * count);
  yield* endAll(self, pids);
  return cost;
}

/** Monitors of one actor, on as many, that all fire. */
function* monitors(self: Self<Job>, count: number): Actor<number> {
  const clock = start();
  const rounds = roundsOf(count);
  for (let round = 0; round < rounds; round++) {
    const pids = yield* spawnIdle(self, count);
    for (const pid of pids) self.monitor(pid);
    for (const pid of pids) self.send(pid, { tag: 'stop' });
    for (let i = 0; i < count; i++) yield* self.receive('DOWN');
  }
  return clock(rounds * count);
}

/** Timers that are started and cancelled among those pending. */
function* timers(self: Self<Job>, count: number): Actor<number> {
  const job: Job = { tag: 'job', from: self.pid };
  const later = (i: number): Ref =>
    self.sendAfter(3_600_000 + ((i * 7919) % 86_400_000), self.pid, job);
  const pending: Ref[] = [];
  for (let i = 0; i < count; i++) pending.push(later(i));
  yield* self.yield();
  const clock = start();
  const rounds = roundsOf(count);
  for (let round = 0; round < rounds; round++) {
    for (let i = 0; i < count; i++) {
      self.cancelTimer(pending[i] as Ref);
      pending[i] = later(i);
    }
  }
  const cost = clock(rounds * count);
  for (const timer of pending) self.cancelTimer(timer);
  return cost;
}

interface Started extends Message {
  readonly tag: 'started';
  readonly pid: Pid<Stop>;
}

/** Tells the one that asks of each start; ends when told to, so that it is started again. */
function* mayfly(self: Self<Stop>, whoAsks: Pid<Started>): Actor {
  self.send(whoAsks, { tag: 'started', pid: self.pid });
  yield* self.receive('stop');
}

/** Children of one supervisor that end and are started again. */
function* children(self: Self<Started>, count: number): Actor<number> {
  self.trapExit(true);
  const started = yield* self.startLink(
    dynamicSupervisor({
      intensity: OPERATIONS + 2 * count,
      periodMs: 1,
      template: () => child({ id: 'mayfly', shutdown: 'brutal_kill' }, mayfly, self.pid),
    }),
  );
  if (!started.ok) throw started.reason;
  for (let i = 0; i < count; i++) yield* startAnother(self, started.pid);
  let pids = yield* takeStarted(self, count);
  const clock = start();
  const rounds = roundsOf(count);
  for (let round = 0; round < rounds; round++) {
    for (const pid of pids) self.send(pid, { tag: 'stop' });
    pids = yield* takeStarted(self, count);
  }
  const cost = clock(rounds * count);
  self.exitSignal(started.pid, 'shutdown');
  yield* self.receive('EXIT');
  self.trapExit(false);
  return cost;
}

function* takeStarted(self: Self<Started>, count: number): Actor<Pid<Stop>[]> {
  const pids: Pid<Stop>[] = [];
  while (pids.length < count) pids.push((yield* self.receive('started')).pid);
  return pids;
}

function* spawnIdle(self: Self<Job>, count: number): Actor<readonly Pid<Stop>[]> {
  const pids: Pid<Stop>[] = [];
  for (let i = 0; i < count; i++) pids.push(self.spawn(idle));
  yield* self.yield();
  return pids;
}

function* endAll(self: Self<Job>, pids: readonly Pid<Stop>[]): Actor {
  for (const pid of pids) self.send(pid, { tag: 'stop' });
  yield* self.yield();
}

function roundsOf(count: number): number {
  return Math.ceil(OPERATIONS / count);
}

/** CPU time of this process, in ns per operation: what others do meanwhile counts little. */
function start(): (operations: number) => number {
  const before = process.cpuUsage();
  return (operations) => {
    const { user, system } = process.cpuUsage(before);
    return ((user + system) * 1000) / operations;
  };
}

const courses: { readonly [name: string]: Course } = {
  mailbox,
  actors,
  bystanders,
  links,
  monitors,
  timers,
  children,
};

const [name = '', ...counts] = process.argv.slice(2);
const course = courses[name];
if (course === undefined) throw new Error(`Cannot run "${name}": there is no such course`);

const system = new ActorSystem({ log: 'off' });
for (let i = 0; i < WARM_UPS; i++) await system.run(course, 1000);
const costs: number[] = [];
for (const count of counts.map(Number)) {
  let least = Number.POSITIVE_INFINITY;
  const repeats = count < LONG ? REPEATS : 1;
  for (let repeat = 0; repeat < repeats; repeat++)
    least = Math.min(least, await system.run(course, count));
  costs.push(least);
}
console.log(JSON.stringify(costs));
process.exit();
