/**
 * What an operation costs in CPU time as the number of things it happens among grows. Takes the name
 * of a course and the numbers; prints nanoseconds per operation, one for each number, as JSON.
 */

import {
  type Actor,
  ActorSystem,
  type Context,
  child,
  dynamicSupervisor,
  type Message,
  type Pid,
  type Ref,
  type Self,
  startAnother,
} from 'beamish';

const OPERATIONS = 100_000;
/** Actors that are spawned or restarted at once. */
const BATCH = 100;
/** The least of several is the one that was least disturbed. The largest take so long that one must do. */
const REPEATS = 2;
const LARGE = 1_000_000;
/** Runs before the first that counts: until the code is optimised. */
const WARM_UPS = 2;

interface Stop extends Message {
  readonly tag: 'stop';
}

interface Job extends Message {
  readonly tag: 'job';
  readonly from: Pid<Job>;
}

interface Started extends Message {
  readonly tag: 'started';
  readonly pid: Pid<Stop>;
}

/** Makes `count` things, does `OPERATIONS` among them, and returns the nanoseconds that one took. */
type Course = (self: Self<Job | Started>, count: number) => Actor<number>;

/** A message is sent and the oldest taken, among so many that wait. */
function* mailbox(self: Context<Job>, count: number): Actor<number> {
  const job: Job = { tag: 'job', from: self.pid };
  for (let i = 0; i < count; i++) self.send(self.pid, job);
  const each = stopwatch();
  for (let i = 0; i < OPERATIONS; i++) {
    self.send(self.pid, job);
    yield* self.receive('job');
  }
  return each();
}

/** An actor is spawned, waits and ends, among so many. */
function* actors(self: Context<Job>, count: number): Actor<number> {
  yield* spawnIdle(self, count);
  const each = stopwatch();
  for (let i = 0; i < OPERATIONS; i += BATCH) {
    for (const pid of yield* spawnIdle(self, BATCH)) self.send(pid, { tag: 'stop' });
    yield* self.yield();
  }
  return each();
}

/** A message goes to another actor and back, among so many that have nothing to do with it. */
function* bystanders(self: Context<Job>, count: number): Actor<number> {
  yield* spawnIdle(self, count);
  const other = self.spawnLink(echo);
  const job: Job = { tag: 'job', from: self.pid };
  const each = stopwatch();
  for (let i = 0; i < OPERATIONS; i++) {
    self.send(other, job);
    yield* self.receive('job');
  }
  return each();
}

/** A link is undone and made, among so many of one actor. */
function* links(self: Context<Job>, count: number): Actor<number> {
  const pids = yield* spawnIdle(self, count);
  for (const pid of pids) self.link(pid);
  const each = stopwatch();
  for (let i = 0; i < OPERATIONS; i++) {
    const pid = at(pids, i);
    self.unlink(pid);
    self.link(pid);
  }
  return each();
}

/** A monitor is undone and made, among so many of one actor on another. */
function* monitors(self: Context<Job>, count: number): Actor<number> {
  const other = self.spawn(echo);
  const refs: Ref[] = [];
  for (let i = 0; i < count; i++) refs.push(self.monitor(other));
  const each = stopwatch();
  for (let i = 0; i < OPERATIONS; i++) {
    self.demonitor(at(refs, i));
    refs[i % count] = self.monitor(other);
  }
  return each();
}

/** A timer is cancelled and started, among so many that are pending. */
function* timers(self: Context<Job>, count: number): Actor<number> {
  const job: Job = { tag: 'job', from: self.pid };
  const later = (i: number): Ref =>
    self.sendAfter(3_600_000 + ((i * 7919) % 86_400_000), self.pid, job);
  const pending: Ref[] = [];
  for (let i = 0; i < count; i++) pending.push(later(i));
  const each = stopwatch();
  for (let i = 0; i < OPERATIONS; i++) {
    self.cancelTimer(at(pending, i));
    pending[i % count] = later(i);
  }
  const cost = each();
  for (const timer of pending) self.cancelTimer(timer);
  return cost;
}

/** A child ends and is started again, among so many of one supervisor. */
function* children(self: Context<Started>, count: number): Actor<number> {
  const outcome = yield* self.startLink(
    dynamicSupervisor({
      intensity: OPERATIONS,
      periodMs: 1,
      template: () => child('mayfly', mayfly, self.pid),
    }),
  );
  if (!outcome.ok) throw outcome.reason;
  for (let i = 0; i < count; i++) yield* startAnother(self, outcome.pid);
  let pids = (yield* takeStarted(self, count)).slice(0, BATCH);
  const each = stopwatch();
  for (let i = 0; i < OPERATIONS; i += BATCH) {
    for (const pid of pids) self.send(pid, { tag: 'stop' });
    pids = yield* takeStarted(self, BATCH);
  }
  return each();
}

function* idle(self: Self<Stop>): Actor {
  yield* self.receive('stop');
}

function* echo(self: Self<Job>): Actor {
  for (;;) {
    const job = yield* self.receive('job');
    self.send(job.from, job);
  }
}

/** Tells the one that asks of each start; ends when told to, so that it is started again. */
function* mayfly(self: Self<Stop>, whoAsks: Pid<Started>): Actor {
  self.send(whoAsks, { tag: 'started', pid: self.pid });
  yield* self.receive('stop');
}

function* takeStarted(self: Context<Started>, count: number): Actor<Pid<Stop>[]> {
  const pids: Pid<Stop>[] = [];
  while (pids.length < count) pids.push((yield* self.receive('started')).pid);
  return pids;
}

function* spawnIdle(self: Context<Job>, count: number): Actor<readonly Pid<Stop>[]> {
  const pids: Pid<Stop>[] = [];
  for (let i = 0; i < count; i++) pids.push(self.spawn(idle));
  yield* self.yield();
  return pids;
}

/** Round and round. */
function at<T>(all: readonly T[], i: number): T {
  return all[i % all.length] as T;
}

/** CPU time of this process, in ns per operation: what others do meanwhile counts little. */
function stopwatch(): () => number {
  const before = process.cpuUsage();
  return () => {
    const { user, system } = process.cpuUsage(before);
    return ((user + system) * 1000) / OPERATIONS;
  };
}

/** In a system of its own, so that nothing has to be undone. */
function cost(course: Course, count: number): Promise<number> {
  const system = new ActorSystem({ log: 'off' });
  return new Promise((resolve, reject) => {
    system.events.on('crash', ({ reason }) => reject(reason));
    system.spawn(function* measured(self: Self<Job | Started>): Actor {
      resolve(yield* course(self, count));
      // It does not end: those that it is linked to would have to, during the next measurement.
      yield* self.receive();
    });
  });
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

for (let i = 0; i < WARM_UPS; i++) await cost(course, 1000);
const costs: number[] = [];
for (const count of counts.map(Number)) {
  let least = Number.POSITIVE_INFINITY;
  for (let repeat = 0; repeat < (count < LARGE ? REPEATS : 1); repeat++)
    least = Math.min(least, await cost(course, count));
  costs.push(least);
}
console.log(JSON.stringify(costs));
process.exit();
