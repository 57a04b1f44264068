/**
 * The actor that talks to the store, and the only one: what comes in a turn becomes one commit, and is
 * answered and told once that is kept. While a commit is under way, what comes gathers for the next one.
 */

import { type Down, type Pid, type Self, type ServerSelf, server } from 'beamish';
import { show } from 'beamish/observation';
import { seamsOf } from 'beamish/transport';
import { FOREVER_MS, StoreFailed } from '../stores/store.ts';
import { Aftermath, NewsTold } from './aftermath.ts';
import type { Steps } from './batch.ts';
import { callsOf, type Handled } from './calls.ts';
import { Clockwork } from './clockwork.ts';
import { type Claim, Dispatch } from './dispatch.ts';
import { Limits } from './limits.ts';
import { Lookout } from './lookout.ts';
import type {
  AllEnded,
  Ended,
  Enlist,
  Leaked,
  Retired,
  StoreMessage,
  TasksCasts,
  TellAgain,
} from './messages.ts';
import { Others } from './others.ts';
import { panelOf } from './panel.ts';
import type { Plan } from './plan.ts';
import { reportCallback, reportSchedule, reportStore, reportStoreNews } from './reports.ts';
import { Requests } from './requests.ts';
import { Schedules } from './schedules.ts';
import { Seats } from './seats.ts';
import { Staff } from './staff.ts';
import type { TasksStats } from './stats.ts';
import { Tally } from './tally.ts';
import { Time } from './time.ts';
import { Turns } from './turns.ts';
import { Unserved } from './unserved.ts';

/** How long a run is another's after its process has last been heard of. Renewed at a third of it. */
const LEASE_MS = 30_000;

export const storeServer = server(function* (self: ServerSelf<StoreMessage>, plan: Plan) {
  // Its end comes in its turn, behind what workers have told.
  self.trapExit(true);
  const actor = new StoreActor(self, plan);
  yield* actor.open();
  return {
    call: actor.calls(),
    cast: actor.casts(),
    info: {
      flush: () => actor.flush(),
      again: () => actor.again(),
      look: () => actor.look(),
      tick: () => actor.others.tick(),
      others: () => actor.others.changed(),
      tell: ({ ids }: TellAgain) => actor.others.tell(ids),
      enlist: (message: Enlist) => actor.staff.enlist(message),
      ended: (message: Ended) => actor.staff.ended(message),
      all_ended: ({ ended }: AllEnded) => {
        for (const each of ended) actor.staff.ended(each);
      },
      retired: ({ worker }: Retired) => actor.staff.retired(worker),
      leaked: ({ worker, count }: Leaked) => actor.staff.leaked(worker, count),
      DOWN: ({ target }: Down) => actor.staff.down(target as Pid),
    },
    terminate: () => actor.close(),
    state: { get: () => actor.state },
  };
});

class StoreActor {
  /** The workers, and what they say. */
  readonly staff: Staff;
  /** Those who use the store, too. */
  readonly others: Others;
  readonly #self: ServerSelf<StoreMessage>;
  readonly #plan: Plan;
  readonly #time: Time;
  readonly #limits: Limits;
  readonly #turns: Turns;
  readonly #dispatch: Dispatch;
  readonly #requests: Requests;
  readonly #schedules: Schedules;
  readonly #lookout: Lookout;
  readonly #clockwork: Clockwork;
  readonly #served: ReadonlySet<string>;
  readonly #tally = new Tally();
  readonly #news: NewsTold;
  readonly #aftermath: Aftermath;
  /** The latest of those that run, encoded. */
  readonly #progress = new Map<string, string>();
  /** Somebody outside has been answered, and has not heard it yet. */
  #outsideHears = false;
  /** A `flush` is in the mailbox. */
  #isAwake = false;
  /** An `again` will come. */
  #isTrying = false;

  constructor(self: ServerSelf<StoreMessage>, plan: Plan) {
    const { store, definitions, runnable, threads, fresh, longestPauseMs } = plan;
    const { leaseMs = LEASE_MS } = store;
    this.#self = self;
    this.#plan = plan;
    this.#time = new Time(seamsOf(self));
    const now = (): number => this.#time.now();
    this.#limits = new Limits(definitions, now, (name, error) =>
      reportCallback(self, `limits.key of the task ${name}`, error),
    );
    this.#turns = new Turns({
      self,
      store,
      keyOf: (record) => this.#limits.keyOf(record),
      kept: (batch) => this.#aftermath.kept(batch),
      failing: (why) => reportStore(self, why),
    });
    const got = <T>(answer: T | Promise<T>): Steps<T> => gotBy(self, answer);
    this.#dispatch = new Dispatch({
      store,
      limits: this.#limits,
      seats: new Seats(threads),
      isThreaded: (name) => definitions.get(name)?.options.thread !== undefined,
      names: runnable,
      leaseMs: store.shared ? leaseMs : FOREVER_MS,
      now,
      got,
    });
    this.#requests = new Requests({
      store,
      definitions,
      fresh,
      now,
      paused: this.#dispatch.paused,
      progressOf: (id) => this.#progress.get(id),
    });
    this.#served = new Set(plan.workers.flatMap((worker) => worker.queues));
    this.#news = new NewsTold(self, plan);
    this.#lookout = new Lookout({
      store,
      definitions,
      owner: fresh(),
      time: this.#time,
      longestPauseMs,
    });
    this.#schedules = new Schedules({
      store,
      names: definitions,
      time: this.#time,
      owner: this.#lookout.owner,
      tell: (news) => this.#news.slot(news),
      failed: (name, why) => reportSchedule(self, name, why),
    });
    this.#clockwork = new Clockwork({
      self,
      store,
      time: this.#time,
      limits: this.#limits,
      dispatch: this.#dispatch,
      lookout: this.#lookout,
      unserved: new Unserved({
        by: self,
        store,
        definitions,
        served: this.#served,
        isForGuest: (queue) => this.#dispatch.isForGuest(queue),
        now,
      }),
      add: (request) => this.#add(request),
      wake: () => this.#wake(),
      shrunk: (worker) => this.staff.tell(worker, 'scaled'),
      longestPauseMs,
    });
    this.#aftermath = new Aftermath({
      self,
      served: this.#served,
      dispatch: this.#dispatch,
      clockwork: this.#clockwork,
      tally: this.#tally,
      news: this.#news,
    });
    this.staff = new Staff({
      self,
      plan,
      dispatch: this.#dispatch,
      lookout: this.#lookout,
      clockwork: this.#clockwork,
      requests: this.#requests,
      now,
      add: (request) => this.#add(request),
      wake: () => this.#wake(),
      ended: (id) => this.#progress.delete(id),
      lostLease: (of) => this.#news.of([], [{ kind: 'tell', event: 'lost', of, why: 'lease' }]),
    });
    this.others = new Others({
      self,
      store,
      dispatch: this.#dispatch,
      clockwork: this.#clockwork,
      requests: this.#requests,
      leaseMs,
      now,
      add: (request) => this.#add(request),
      wake: () => this.#wake(),
      tellWaiters: (message) => this.#news.send(message),
    });
  }

  /** Opens the store, and queues again what an earlier process was at. */
  *open(): Steps<void> {
    const { store } = this.#plan;
    store.tell?.((news) => reportStoreNews(this.#self, news));
    yield* gotBy(this.#self, store.open(this.#lookout.owner));
    this.#turns.add(this.#requests.loadPaused());
    this.#turns.add(this.#lookout.rescueAll());
    while (this.#turns.waiting > 0) {
      yield* this.#turns.run();
      if (this.#turns.isFailing)
        throw new StoreFailed('The store was away again when it had opened');
    }
    this.#self.defer(
      show(
        this.#self,
        panelOf({
          name: this.#plan.name,
          store,
          dispatch: this.#dispatch,
          tally: this.#tally,
          requests: this.#requests,
          now: () => this.#time.now(),
          statsOf: (counts) => this.#stats(counts),
          add: (request) => this.#add(request),
        }),
      ),
    );
    this.#self.send(this.#self.pid, { tag: 'look' });
    if (store.shared) this.others.begin();
  }

  /** For tools. */
  get state(): {
    readonly waiting: number;
    readonly isFailing: boolean;
    readonly isLeader: boolean;
  } {
    const { waiting, isFailing } = this.#turns;
    return { waiting, isFailing, isLeader: this.#schedules.isLeader };
  }

  *close(): Steps<void> {
    this.others.end();
    while (this.#turns.waiting > 0 && !this.#turns.isFailing) yield* this.#turns.run();
    yield* gotBy(this.#self, this.#plan.store.close());
  }

  // ── what comes ────────────────────────────────────────────────────────────────────────────

  calls(): Handled {
    return callsOf({
      requests: this.#requests,
      schedules: this.#schedules,
      lookAtSchedules: () => this.#self.send(this.#plan.scheduler, { tag: 'look' }),
      add: (request) => this.#add(request),
      answer: (to, value) => this.#self.send(to, value),
      tellWaiters: (message) => this.#news.send(message),
      letOutsideHear: () => {
        this.#outsideHears = true;
      },
      workers: () => [...this.#dispatch.workers].map(({ pid }) => pid),
      spawn: (body) => this.#self.spawn(body),
      statsOf: (counts) => this.#stats(counts),
    });
  }

  casts(): TasksCasts {
    return {
      // Behind the request that it takes back.
      giveUp: (id, token) =>
        this.#add(this.#requests.nothing(() => this.#news.send({ tag: 'give_up', id, token }))),
      progress: (id, run, value) => {
        if (this.#dispatch.has(id)?.run !== run) return;
        this.#progress.set(id, value);
        this.#news.send({ tag: 'progress', id, value });
      },
      watch: (id, watcher) =>
        this.#add(
          this.#requests.find(id, (found) => this.#news.send({ tag: 'watch', id, watcher, found })),
        ),
    };
  }

  look(): Steps<void> {
    return this.#clockwork.look();
  }

  // ── turns ─────────────────────────────────────────────────────────────────────────────────

  /** Everything that has come until now becomes one change; then what may be begun begins. */
  *flush(): Steps<void> {
    this.#isAwake = false;
    yield* this.#turns.run();
    if (this.#turns.isFailing) return this.#tryLater();
    if (this.#outsideHears) {
      this.#outsideHears = false;
      // Promises are told when the actors' slice is over.
      yield* this.#self.wait(Promise.resolve());
    }
    yield* this.#giveOut();
    if (this.#turns.waiting > 0) this.#wake();
  }

  /** The store had failed, and may be back. */
  *again(): Steps<void> {
    this.#isTrying = false;
    yield* this.#turns.run();
    yield* this.#giveOut();
    if (this.#turns.isFailing) this.#tryLater();
    else this.#wake();
  }

  #tryLater(): void {
    if (this.#isTrying) return;
    this.#isTrying = true;
    this.#self.sendAfter(AGAIN_MS, this.#self.pid, { tag: 'again' });
  }

  #add(request: Parameters<Turns['add']>[0]): void {
    this.#turns.add(request);
    this.#wake();
  }

  /** The message comes behind those that are here by now. */
  #wake(): void {
    if (this.#isAwake) return;
    this.#isAwake = true;
    this.#self.send(this.#self.pid, { tag: 'flush' });
  }

  *#giveOut(): Steps<void> {
    let claims: readonly Claim[];
    try {
      claims = yield* this.#dispatch.claim((worker) => this.staff.tell(worker, 'scaled'));
    } catch (error) {
      // As for commits: it kept nothing, and may be back soon.
      this.#turns.fail(error);
      return this.#tryLater();
    }
    if (claims.length > 0) this.#turns.recover();
    const isHeard = claims.length > 0 && this.#news.heard().has('started');
    for (const { worker, records, threads } of claims) {
      this.#self.send(worker.pid, { tag: 'begin', worker: worker.id, records, threads });
      this.#news.of(
        records,
        isHeard ? records.map((of) => ({ kind: 'tell', event: 'started', of })) : [],
      );
    }
    const limitsAt = claims.length === 0 ? undefined : this.#limits.refresh();
    if (limitsAt !== undefined) this.#clockwork.lookAt(limitsAt);
  }

  #stats(counts: Parameters<Tally['stats']>[0]): TasksStats {
    const { paused } = this.#dispatch;
    const { kind, durable = true } = this.#plan.store;
    return this.#tally.stats(counts, {
      queues: this.#served,
      paused,
      workers: this.#dispatch.stats(),
      now: this.#time.now(),
      isLeader: this.#schedules.isLeader,
      store: { kind, isDurable: durable },
    });
  }
}

/** Until a store that has failed is tried again. */
const AGAIN_MS = 1000;
function* gotBy<T>(self: Pick<Self, 'wait'>, answer: T | Promise<T>): Steps<T> {
  return answer instanceof Promise ? yield* self.wait(answer) : answer;
}
