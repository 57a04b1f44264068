/**
 * What is done among many things, to see how its cost grows with their number: in time by
 * `probes/scaling.ts`, in steps of the engine by `test/properties/steps.test.ts`.
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

/** Actors that are spawned or restarted at once. */
const BATCH = 100;

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

/** Begins to measure, and returns what has been measured since. */
export type Meter = () => () => number;

/** Makes `count` things, does `operations` among them, and returns what those came to. */
export type Course = (
  self: Self<Job | Started>,
  count: number,
  operations: number,
  meter: Meter,
) => Actor<number>;

/** A message is sent and the oldest taken, among so many that wait. */
function* mailbox(
  self: Context<Job>,
  count: number,
  operations: number,
  meter: Meter,
): Actor<number> {
  const job: Job = { tag: 'job', from: self.pid };
  for (let i = 0; i < count; i++) self.send(self.pid, job);
  const spent = meter();
  for (let i = 0; i < operations; i++) {
    self.send(self.pid, job);
    yield* self.receive('job');
  }
  return spent();
}

/** An actor is spawned, waits and ends, among so many. */
function* actors(
  self: Context<Job>,
  count: number,
  operations: number,
  meter: Meter,
): Actor<number> {
  yield* spawnIdle(self, count);
  const spent = meter();
  for (let i = 0; i < operations; i += BATCH) {
    for (const pid of yield* spawnIdle(self, BATCH)) self.send(pid, { tag: 'stop' });
    yield* self.yield();
  }
  return spent();
}

/** A message goes to another actor and back, among so many that have nothing to do with it. */
function* bystanders(
  self: Context<Job>,
  count: number,
  operations: number,
  meter: Meter,
): Actor<number> {
  yield* spawnIdle(self, count);
  const other = self.spawnLink(echo);
  const job: Job = { tag: 'job', from: self.pid };
  const spent = meter();
  for (let i = 0; i < operations; i++) {
    self.send(other, job);
    yield* self.receive('job');
  }
  return spent();
}

/** A link is undone and made, among so many of one actor. */
function* links(
  self: Context<Job>,
  count: number,
  operations: number,
  meter: Meter,
): Actor<number> {
  const pids = yield* spawnIdle(self, count);
  for (const pid of pids) self.link(pid);
  const spent = meter();
  for (let i = 0; i < operations; i++) {
    const pid = at(pids, i);
    self.unlink(pid);
    self.link(pid);
  }
  return spent();
}

/** A monitor is undone and made, among so many of one actor on another. */
function* monitors(
  self: Context<Job>,
  count: number,
  operations: number,
  meter: Meter,
): Actor<number> {
  const other = self.spawn(echo);
  const refs: Ref[] = [];
  for (let i = 0; i < count; i++) refs.push(self.monitor(other));
  const spent = meter();
  for (let i = 0; i < operations; i++) {
    self.demonitor(at(refs, i));
    refs[i % count] = self.monitor(other);
  }
  return spent();
}

/** A timer is cancelled and started, among so many that are pending. */
function* timers(
  self: Context<Job>,
  count: number,
  operations: number,
  meter: Meter,
): Actor<number> {
  const job: Job = { tag: 'job', from: self.pid };
  const later = (i: number): Ref =>
    self.sendAfter(3_600_000 + ((i * 7919) % 86_400_000), self.pid, job);
  const pending: Ref[] = [];
  for (let i = 0; i < count; i++) pending.push(later(i));
  const spent = meter();
  for (let i = 0; i < operations; i++) {
    self.cancelTimer(at(pending, i));
    pending[i % count] = later(i);
  }
  const cost = spent();
  for (const timer of pending) self.cancelTimer(timer);
  return cost;
}

/** A child ends and is started again, among so many of one supervisor. */
function* children(
  self: Context<Started>,
  count: number,
  operations: number,
  meter: Meter,
): Actor<number> {
  const outcome = yield* self.startLink(
    dynamicSupervisor({
      intensity: operations,
      periodMs: 1,
      template: () => child('mayfly', mayfly, self.pid),
    }),
  );
  if (!outcome.ok) throw outcome.reason;
  for (let i = 0; i < count; i++) yield* startAnother(self, outcome.pid);
  let pids = (yield* takeStarted(self, count)).slice(0, BATCH);
  const spent = meter();
  for (let i = 0; i < operations; i += BATCH) {
    for (const pid of pids) self.send(pid, { tag: 'stop' });
    pids = yield* takeStarted(self, BATCH);
  }
  return spent();
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

export const courses: { readonly [name: string]: Course } = {
  mailbox,
  actors,
  bystanders,
  links,
  monitors,
  timers,
  children,
};

/** What a course comes to, in a system of its own, so that nothing has to be undone. */
export function costOf(
  course: Course,
  count: number,
  operations: number,
  meter: Meter,
): Promise<number> {
  const system = new ActorSystem({ log: 'off' });
  return new Promise((resolve, reject) => {
    system.events.on('crash', ({ reason }) => reject(reason));
    system.spawn(function* measured(self: Self<Job | Started>): Actor {
      resolve(yield* course(self, count, operations, meter));
      // It does not end: those that it is linked to would have to, during the next measurement.
      yield* self.receive();
    });
  });
}
