/** The systems of a run, each under control, and the ways between them on which batches lie until they are let arrive. */

import { ActorSystem, type Decisions, type Pid, type SystemOptions } from 'beamish';
import { type Control, type Lane, type StillClock, takeControl } from 'beamish/control';
import type { AnyBody, Code } from 'beamish/transport';
import { wayThing } from './crossings.ts';
import { type Labels, MAIN } from './labels.ts';
import type { Recorder } from './recorder.ts';
import * as ways from './touches.ts';

/** A system of the run. */
export interface Site {
  readonly name: string;
  readonly system: ActorSystem;
  readonly control: Control;
  /** Which life of a system of that name. */
  readonly life: number;
  /** Until this rings, in virtual ms, it does nothing. */
  stall: { readonly due: number } | undefined;
}

/** One direction between two of them. */
export interface Way {
  readonly mover: string;
  readonly from: Site;
  readonly to: Site;
  readonly lane: Lane;
  /** In which step each batch that is under way was sent. */
  readonly postedIn: number[];
}

/** Bodies by the address of their code, of all runs: a module that has been loaded is there at once. */
const loaded = new Map<string, AnyBody>();
const loading = new Map<string, Promise<AnyBody>>();

/** What a system is made with, besides its name and its clock. */
interface Making {
  readonly labels: Labels;
  readonly recorder: Recorder;
  readonly clock: StillClock;
  readonly messages: SystemOptions['messages'];
  random(): number;
  /** Is told of each that was made. */
  made(site: Site): void;
}

export class Sites {
  readonly #making: Making;
  /** Those that there are now; few, so that looking through them is faster than any map. */
  readonly #all: Site[] = [];
  /** For the scenario, by name; made when it asks. */
  #systems: Record<string, ActorSystem> | undefined;
  #ways: Way[] = [];
  #lives = 0;

  constructor(names: readonly string[], making: Making) {
    this.#making = making;
    this.#make(MAIN);
    for (const name of names) {
      if (this.#find(name) !== undefined)
        throw new TypeError(`Cannot make a system "${name}" twice: names of systems differ`);
      this.#make(name);
    }
    for (const [i, one] of this.#all.entries())
      for (const other of this.#all.slice(i + 1)) this.#join(one, other);
  }

  get main(): Site {
    return this.#all[0] as Site;
  }

  get all(): readonly Site[] {
    return this.#all;
  }

  /** By name; of one that was restarted, the new one. No getters: by each, the host would keep a world until all memory is looked through. */
  get systems(): Readonly<Record<string, ActorSystem>> {
    if (this.#systems === undefined) {
      this.#systems = Object.create(null) as Record<string, ActorSystem>;
      for (const { name, system } of this.#all) this.#systems[name] = system;
    }
    return this.#systems;
  }

  get ways(): readonly Way[] {
    return this.#ways;
  }

  /** @throws TypeError if there is none. */
  named(name: string): Site {
    const site = this.#find(name);
    if (site !== undefined) return site;
    const known = this.#all.map((each) => each.name).join(', ');
    throw new TypeError(`Cannot find the system "${name}": there are ${known}`);
  }

  /** Whose actor this is; undefined for one of a life that is over. */
  of(pid: Pid): Site | undefined {
    const site = this.#find(pid.system);
    return site?.life === pid.incarnation ? site : undefined;
  }

  #find(name: string): Site | undefined {
    for (const site of this.#all) if (site.name === name) return site;
    return undefined;
  }

  /** Undefined of one that was cut. */
  wayOf(mover: string): Way | undefined {
    return this.#ways.find((way) => way.mover === mover);
  }

  /** What was sent in a step leaves, and what the roots answer, which stand for the outside and have their turns at once. */
  flush(step: number): void {
    for (const { control, system } of this.all)
      while (control.isRunnable(system.root)) control.turn(system.root);
    if (this.#ways.length === 0) return;
    for (const { control } of this.#all) control.flush();
    for (const { lane, postedIn, from, to } of this.#ways) {
      if (postedIn.length === lane.underWay) continue;
      this.#making.recorder.touch(wayThing(from.name, to.name), ways.POST);
      while (postedIn.length < lane.underWay) postedIn.push(step);
    }
  }

  /** The oldest batch takes effect. */
  arrive(way: Way): void {
    way.postedIn.shift();
    way.to.control.arrive(way.lane);
  }

  /** Whatever is under way between two is lost, and both hear of it. */
  cut(one: string, other: string): void {
    for (const way of this.#ways.filter(({ from, to }) => isBetween(from, to, one, other)))
      way.to.control.lose(way.lane, 'noconnection');
    this.#ways = this.#ways.filter(({ from, to }) => !isBetween(from, to, one, other));
  }

  /** Whether they are connected. */
  areJoined(one: string, other: string): boolean {
    return this.#ways.some(({ from, to }) => isBetween(from, to, one, other));
  }

  /** It does nothing until then. */
  stall(name: string, due: number): void {
    const stall = { due };
    this.named(name).stall = stall;
    this.#making.recorder.timer(stall, 'start');
  }

  /** It is gone with all that is under way from and to it; another one of its name is there. */
  restart(name: string): void {
    const old = this.named(name);
    for (const way of this.#ways.filter(({ from }) => from === old))
      way.to.control.lose(way.lane, 'noconnection');
    this.#ways = this.#ways.filter(({ from, to }) => from !== old && to !== old);
    const made = this.#make(name);
    for (const each of this.all) if (each !== made) this.#join(each, made);
  }

  #make(name: string): Site {
    const { labels, recorder, clock, messages } = this.#making;
    const life = ++this.#lives;
    const system = new ActorSystem({
      name,
      log: 'off',
      clock,
      decisions: new SiteDecisions(this.#making, life),
      ...(messages !== undefined && { messages }),
    });
    const control = takeControl(system, recorder.accessesOf(name));
    const site = { name, system, control, life, stall: undefined };
    const place = this.#all.findIndex((each) => each.name === name);
    if (place < 0) this.#all.push(site);
    else this.#all[place] = site;
    if (this.#systems !== undefined) this.#systems[name] = system;
    labels.addRoot(system.root, place >= 0 ? `${name}'${life}` : name, 1000 + life);
    this.#making.made(site);
    return site;
  }

  #join(one: Site, other: Site): void {
    const [forth, back] = one.control.connect(other.control, { load, spawns: one.name === MAIN });
    this.#ways.push(wayOf(one, other, forth), wayOf(other, one, back));
  }
}

class SiteDecisions implements Decisions {
  readonly #making: Making;
  readonly #life: number;

  constructor(making: Making, life: number) {
    this.#making = making;
    this.#life = life;
  }

  random(): number {
    return this.#making.random();
  }

  incarnation(): number {
    return this.#life;
  }
}

function wayOf(from: Site, to: Site, lane: Lane): Way {
  return { mover: `~${from.name}>${to.name}`, from, to, lane, postedIn: [] };
}

function isBetween(from: Site, to: Site, one: string, other: string): boolean {
  return (from.name === one && to.name === other) || (from.name === other && to.name === one);
}

function load({ module, exportName }: Code): AnyBody | Promise<AnyBody> {
  const key = `${module} ${exportName}`;
  const known = loaded.get(key);
  if (known !== undefined) return known;
  let coming = loading.get(key);
  if (coming === undefined) {
    coming = import(module).then((exports: Record<string, unknown>) => {
      const found = bodyOf(exports[exportName]);
      loaded.set(key, found);
      return found;
    });
    loading.set(key, coming);
  }
  return coming;
}

/** When the modules have come that some run waited for: how many have. */
export async function modulesLoaded(): Promise<number> {
  await Promise.allSettled(loading.values());
  return loaded.size;
}

function bodyOf(exported: unknown): AnyBody {
  const inner = (exported as { readonly body?: unknown } | undefined)?.body ?? exported;
  return inner as AnyBody;
}
