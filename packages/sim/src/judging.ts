/** Says what came of a run. */

import type { ActorInfo, Pid } from 'beamish';
import { visit } from 'beamish/observation';
import { SCENARIO } from './labels.ts';
import { END } from './movers.ts';
import { siteIn } from './source-site.ts';
import type { Verdict, Waiting } from './verdict.ts';
import { tagOf } from './words.ts';
import type { World } from './world.ts';

/** What a run is judged by, besides its claims. */
export interface Judging {
  readonly maxSteps: number;
  readonly leftovers: 'anything' | 'nothing';
}

/** Of a run in which nothing can happen any more, or that had as many steps as it may. */
export function verdictOf(world: World, judging: Judging): Verdict {
  const failure = failureOf(world);
  if (failure !== undefined) return failure;
  if (world.crashes.first !== undefined) return { kind: 'crash', ...world.crashes.first };
  if (world.brokenClaim !== undefined) return { kind: 'claim', claim: world.brokenClaim };
  const isAtEnd = world.isQuiet || world.isOver;
  const [foreign] = isAtEnd ? world.foreign : [];
  if (foreign !== undefined) {
    const site = siteOf(world, foreign);
    return { kind: 'foreign_await', who: world.labels.labelOf(foreign), site };
  }
  if (isAtEnd) {
    const deadlock = deadlockOf(world);
    if (deadlock !== undefined) return deadlock;
  } else if (world.steps.length >= judging.maxSteps) {
    return { kind: 'livelock', steps: world.steps.length, repeating: repeatingIn(world) };
  }
  if (judging.leftovers === 'nothing' && world.leftovers !== undefined) return world.leftovers;
  const claim = isAtEnd ? world.claims.unfulfilled() : undefined;
  return claim === undefined ? { kind: 'passed' } : { kind: 'claim', claim };
}

/** Whether a run that could end here, though a fault may come still, has gone well. */
export function endsWell(world: World): boolean {
  const verdict = verdictOf(world, { maxSteps: Number.POSITIVE_INFINITY, leftovers: 'nothing' });
  return verdict.kind === 'passed';
}

function failureOf(world: World): Verdict | undefined {
  const end = world.scenario === undefined ? undefined : world.endOf(world.scenario);
  if (end !== undefined && end.reason !== 'normal') return { kind: 'failed', error: end.reason };
  for (const client of world.clients) {
    const ended = world.endOf(client);
    if (ended !== undefined && ended.reason !== 'normal')
      return { kind: 'failed', error: ended.reason };
  }
  return undefined;
}

function deadlockOf(world: World): Verdict | undefined {
  if (!isAnyoneStuck(world)) return undefined;
  const waiting = waitingIn(world);
  return { kind: 'deadlock', waiting, cycle: cycleOf(waiting) };
}

/** The scenario, a client, or somebody in a call, a start or an offer waits. */
function isAnyoneStuck({ sites, scenario, clients }: World): boolean {
  let isStuck = false;
  for (const { system } of sites.all)
    visit(system, ({ pid, waitingFor, parkedOn }) => {
      const isMeant = pid === scenario || clients.includes(pid) || isCalling(parkedOn?.why);
      if (isMeant && waitingFor.length > 0) isStuck = true;
    });
  return isStuck;
}

/** The scenario first, then its clients, then others by place. */
function waitingIn(world: World): Waiting[] {
  const { labels } = world;
  const all: { readonly rank: number; readonly numbers: readonly number[]; its: Waiting }[] = [];
  for (const { system } of world.sites.all)
    visit(system, ({ pid, waitingFor, parkedOn }) => {
      const place = labels.of(pid);
      if (place === undefined || place.path.endsWith(':') || waitingFor.length === 0) return;
      const rank = place.path === SCENARIO ? 0 : place.isClient ? 1 : 2;
      const its = candidate(world, pid, [...waitingFor], parkedOn);
      all.push({ rank, numbers: place.numbers, its });
    });
  return all
    .sort((a, b) => a.rank - b.rank || byNumbers(a.numbers, b.numbers))
    .map(({ its }) => its);
}

function candidate(
  world: World,
  pid: Pid,
  tags: readonly string[],
  parkedOn: { readonly why: string; readonly what: string; readonly target: unknown } | undefined,
): Waiting {
  const { labels, recorder } = world;
  const system = world.sites.of(pid)?.system;
  const isAtClients = pid === world.scenario && world.isAtClients;
  const last = labels.of(pid)?.lastSent;
  const called = parkedOn?.target as
    | { readonly serial?: number; readonly name?: string }
    | undefined;
  const whom = called === undefined ? undefined : (called.name ?? labels.labelOf(called as Pid));
  const of = whom ?? (isAtClients || last === undefined ? undefined : labels.labelOf(last.to));
  const clients = world.clients.map((client) => labels.labelOf(client));
  const waitingFor = isAtClients ? [`its clients ${clients.join(', ')}`] : tags;
  const quoted = tags.map((tag) => (tag === '*' ? 'anything' : `'${tag}'`)).join(' or ');
  const what = isAtClients
    ? waitingFor[0]
    : parkedOn === undefined
      ? quoted
      : parkedOn.why === 'call'
        ? `the reply to '${parkedOn.what}'`
        : parkedOn.what;
  const after =
    parkedOn !== undefined || isAtClients || last === undefined
      ? parkedOn?.why === 'call' && of !== undefined
        ? ` of ${of}`
        : ''
      : `, after '${last.tag}' to ${of}`;
  const messages = system?.mailbox(pid) ?? [];
  const mailbox = new Map<string, { count: number; readonly of: Set<string> }>();
  for (const message of messages) {
    const tag = tagOf(message) ?? message.tag;
    const from = recorder.mail.senderOf(message, pid);
    const its = mailbox.get(tag) ?? { count: 0, of: new Set<string>() };
    its.count++;
    if (from !== undefined) its.of.add(labels.labelOf(from));
    mailbox.set(tag, its);
  }
  const counts = [...mailbox].sort(([, a], [, b]) => b.count - a.count);
  return {
    who: labels.labelOf(pid),
    pid,
    waitingFor,
    of,
    site: siteOf(world, pid),
    mailbox: counts.map(([tag, { count }]) => ({ tag, count })),
    info: system?.info(pid) as ActorInfo,
    text: `for ${what}${after}`,
    mailboxText: counts
      .map(([tag, { count, of: from }]) => {
        const many = count > 1 ? `${count} × ${tag}` : tag;
        return from.size === 0 ? many : `${many} (of ${[...from].join(', ')})`;
      })
      .join(', '),
  };
}

/** Known of a run that is shown. */
function siteOf({ labels }: World, pid: Pid): string | undefined {
  const place = labels.of(pid);
  return siteIn(place?.waitsAt) ?? place?.awaitsAt;
}

function isCalling(why: string | undefined): boolean {
  return why === 'call' || why === 'start' || why === 'room' || why === 'offer';
}

function byNumbers(a: readonly number[], b: readonly number[]): number {
  for (let i = 0; i < a.length && i < b.length; i++)
    if (a[i] !== b[i]) return (a[i] as number) - (b[i] as number);
  return a.length - b.length;
}

function cycleOf(waiting: readonly Waiting[]): readonly string[] {
  const of = new Map(waiting.map((each) => [each.who, each.of]));
  for (const { who } of waiting) {
    const path = [who];
    for (let at = of.get(who); at !== undefined; at = of.get(at)) {
      if (at === who) return [...path, who];
      if (path.includes(at)) break;
      path.push(at);
    }
  }
  return [];
}

/** Who made the last steps of a run without an end. */
function repeatingIn(world: World): readonly string[] {
  const last = world.steps.slice(-Math.ceil(world.steps.length / 4));
  return [...new Set(last.map(({ by }) => world.labelOfMover(by)))].filter((who) => who !== END);
}
