/**
 * What JavaScript has of time and chance, as actors see it: virtual, forbidden, or as it is. While runs go on, the
 * host's functions have stand-ins that ask who is running: outside of a step they are the host's.
 */

/** What a step has in their place. */
export interface HostInStep {
  /** Virtual ms since 1970. */
  wall(): number;
  now(): number;
  random(): number;
  /** Returns the timer that it makes. */
  start(ring: () => void, ms: number, isRepeated: boolean): object;
  stop(timer: object): void;
}

type Mode = 'virtual' | 'forbidden';

/** Whose step it is now; undefined outside of steps. */
let current: HostInStep | undefined;
let mode: Mode = 'virtual';
/** Explorations that want stand-ins: they may be nested. */
let users = 0;

/** What it is out of steps, for who needs the time of the host. */
const host = {
  Date,
  now: Date.now.bind(Date),
  performanceNow: performance.now.bind(performance),
  random: Math.random,
  setTimeout: globalThis.setTimeout,
  setInterval: globalThis.setInterval,
  clearTimeout: globalThis.clearTimeout,
  clearInterval: globalThis.clearInterval,
  setImmediate: (globalThis as { setImmediate?: unknown }).setImmediate,
  clearImmediate: (globalThis as { clearImmediate?: unknown }).clearImmediate,
};

/** Milliseconds of the host. */
export const hostNow = host.performanceNow;

/** Lets the event loop of the host have its turn, by when all promises that can go on have. */
export function turnOfHost(): Promise<void> {
  const { setImmediate } = host;
  return new Promise((resolve) => {
    if (typeof setImmediate === 'function') (setImmediate as (turn: () => void) => void)(resolve);
    else host.setTimeout(resolve, 0);
  });
}

/** So many real milliseconds. */
export function hostSleep(ms: number): Promise<void> {
  return new Promise((resolve) => {
    host.setTimeout(resolve, ms);
  });
}

/** While `inStep` is set, code that runs is an actor's. */
export function enterStep(inStep: HostInStep | undefined, its: Mode): void {
  current = inStep;
  mode = its;
}

export function leaveStep(): void {
  current = undefined;
}

/** From now on there are stand-ins. Returns how to be without. */
export function installStandIns(): () => void {
  if (users++ === 0) install();
  let isIn = true;
  return () => {
    if (!isIn) return;
    isIn = false;
    if (--users === 0) uninstall();
  };
}

function inStep(what: string): HostInStep | undefined {
  if (current !== undefined && mode === 'forbidden')
    throw new Error(
      `Cannot use ${what} in an actor: self.now(), self.wall(), self.random() and timers of self replay, ${what} does not`,
    );
  return current;
}

type AnyFunction = (...args: never[]) => unknown;
type Globals = Record<string, unknown>;

function install(): void {
  const g = globalThis as unknown as Globals;
  g['Date'] = standInDate();
  host.Date.now = () => inStep('Date.now')?.wall() ?? host.now();
  performance.now = () => inStep('performance.now')?.now() ?? host.performanceNow();
  Math.random = () => inStep('Math.random')?.random() ?? host.random();
  g['setTimeout'] = timer('setTimeout', host.setTimeout, false);
  g['setInterval'] = timer('setInterval', host.setInterval, true);
  g['clearTimeout'] = clear(host.clearTimeout);
  g['clearInterval'] = clear(host.clearInterval);
  if (host.setImmediate === undefined) return;
  const immediate = host.setImmediate as (turn: AnyFunction, ...args: unknown[]) => unknown;
  g['setImmediate'] = (turn: AnyFunction, ...args: unknown[]) =>
    inStep('setImmediate')?.start(() => turn(...(args as never[])), 0, false) ??
    immediate(turn, ...args);
  g['clearImmediate'] = clear(host.clearImmediate as (timer: unknown) => void);
}

function uninstall(): void {
  const g = globalThis as unknown as Globals;
  g['Date'] = host.Date;
  host.Date.now = host.now;
  performance.now = host.performanceNow;
  Math.random = host.random;
  for (const name of TIMERS) if (host[name] !== undefined) g[name] = host[name];
}

const TIMERS = [
  'setTimeout',
  'setInterval',
  'clearTimeout',
  'clearInterval',
  'setImmediate',
  'clearImmediate',
] as const;

/** Timers of steps, which the host does not know. */
const ours = new WeakSet<object>();

function timer(name: string, real: AnyFunction, isRepeated: boolean): unknown {
  return (ring: AnyFunction, ms = 0, ...args: unknown[]) => {
    const step = inStep(name);
    if (step === undefined) return real(ring as never, ms as never, ...(args as never[]));
    const made = step.start(() => ring(...(args as never[])), ms, isRepeated);
    ours.add(made);
    return made;
  };
}

function clear(real: (timer: never) => void): unknown {
  return (its: unknown) => {
    const isOurs = typeof its === 'object' && its !== null && ours.has(its);
    if (isOurs) current?.stop(its);
    else real(its as never);
  };
}

/** `new Date()` is what the step says; dates themselves are the host's own. */
function standInDate(): unknown {
  function StandInDate(this: unknown, ...args: unknown[]): unknown {
    const step = args.length === 0 || new.target === undefined ? inStep('Date') : undefined;
    const its = step === undefined ? args : [step.wall()];
    if (new.target === undefined) return new host.Date(...(its as [])).toString();
    const base = new.target === (StandInDate as unknown) ? host.Date : new.target;
    return Reflect.construct(host.Date, its, base as never);
  }
  Object.setPrototypeOf(StandInDate, host.Date);
  Object.defineProperty(StandInDate, 'prototype', { value: host.Date.prototype });
  Object.defineProperty(StandInDate, 'length', { value: host.Date.length });
  Object.defineProperty(StandInDate, 'name', { value: 'Date' });
  return StandInDate;
}
