/**
 * Ways to break the simulator: each leaves out one rule of what commutes with what, and an outcome must be missed. What is
 * not here spares runs, and no more: that what lets time pass commutes with nothing (nobody else could have stepped), and
 * that a link, a watch and giving up a request touch an actor, whom they have looked at already.
 */

import type { Mutation } from '../mutation.ts';

/** A kind of touch that clashes with nothing. */
function without(way: string, bit: number, rule: string): Mutation {
  const constant = `export const ${way} = `;
  return {
    name: `sim, dependence: ${rule}`,
    file: 'touches.ts',
    from: `${constant}1 << ${bit};`,
    to: `${constant}0;`,
  };
}

/** What does something is left out. */
function leftOut(rule: string, file: string, from: string, to = ''): Mutation {
  return { name: `sim, dependence: ${rule}`, file, from, to };
}

export const mutations: readonly Mutation[] = [
  without('STEP', 0, 'a step of an actor commutes with what is done to it'),
  without('END', 1, 'an end commutes'),
  without('DOOM', 2, 'a doom commutes'),
  without('WAKE', 3, 'what came too late commutes with what came in time'),
  without('REPLY', 4, 'a reply commutes'),
  without('LOOK', 6, 'a look commutes with an end'),
  without('SIGNAL', 9, 'an exit signal commutes with an end'),
  without('TRAP', 10, 'trapping exits commutes with an exit signal'),
  without('CHANGE', 14, 'a change of a name, a link or a way commutes with its use'),
  without('BOX', 13, 'sends to a bounded mailbox commute with receives'),
  without('START', 16, 'a start of a timer commutes with any ringing'),
  without('POST', 18, 'what is put on one way between systems commutes'),
  leftOut(
    'a poll commutes with what it would have taken',
    'dependence.ts',
    'poll.at === at && poll.by.accepts(message)',
    'poll.at === at && poll.by.accepts(message) && polls.length === 0',
  ),
  leftOut(
    'arrivals commute that one receive would take',
    'dependence.ts',
    "(by === 'order_of_arrival' || wouldBeTaken(arrival, other))",
    "by === 'order_of_arrival' && wouldBeTaken(arrival, other)",
  ),
  leftOut(
    'who cannot come any more is not tried instead',
    'every.ts',
    '  for (const mover of disabled) node.planned.add(mover);\n',
  ),
  leftOut(
    'the clock is not tried before a step that takes a timer back',
    'every.ts',
    '  if (stopsTimer) for (const mover of node.movers) if (isClock(mover)) node.planned.add(mover);\n',
  ),
  leftOut(
    'a message to the dead is no arrival',
    'recorder.ts',
    '    const isLost = isDeadLetter || place?.isOver === true;\n',
    '    const isLost = isDeadLetter || place?.isOver === true;\n    if (isLost) return;\n',
  ),
  leftOut(
    'a deadline that comes too late commutes with the message',
    'recorder.ts',
    "    if (how === 'wake' && control?.receives(who) === true) this.#wouldTake(who, true);\n",
  ),
  leftOut(
    'the beginning of a timed receive commutes with what it would take',
    'recorder.ts',
    '    if (isReceiving && this.#stage.isAnySpeed) this.#wouldTake(who, true);\n',
  ),
  leftOut(
    'whoever reads the time commutes with the clock',
    'recorder.ts',
    "    if (this.#isInTurn && this.#stage.isAnySpeed) this.touch('clock', ways.START);\n",
  ),
  leftOut(
    'timers of one millisecond commute',
    'timer-touches.ts',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: It is what stands there.
    '      this.#touch(step, `due ${timer.due}`, ways.CHANGE);\n',
  ),
  leftOut(
    'taking a timer back commutes with the end of whom it is for',
    'access-log.ts',
    "      if (timer.to !== undefined && 'serial' in timer.to) this.recorder.look(timer.to);\n",
  ),
  leftOut(
    'a cut commutes with what is under way',
    'fault-touches.ts',
    '      recorder.touch(wayThing(from.name, to.name), ways.CHANGE);\n',
    '      recorder.touch(wayThing(from.name, to.name), ways.USE);\n',
  ),
  leftOut(
    'a stall or a restart commutes with steps in its system',
    'fault-touches.ts',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: It is what stands there.
    '  for (const system of systems) recorder.touch(`system ${system}`, ways.CHANGE);\n',
  ),
  leftOut(
    'a stall begins at no time',
    'sites.ts',
    "    this.#making.recorder.timer(stall, 'start');\n",
  ),
  leftOut(
    'a link and taking it back commute',
    'recorder.ts',
    "    if (how === 'bond') this.#links.bound(this.step, who);\n",
  ),
  leftOut(
    'sleepers wake by patterns only',
    'every.ts',
    "if (clash(last, step, 'order_of_arrival') || clash(step, last, 'order_of_arrival')) continue;",
    "if (clash(last, step, 'order_taken') || clash(step, last, 'order_taken')) continue;",
  ),
  leftOut(
    'a sleeper is not turned round by what it would have touched',
    'every.ts',
    '  planForSleepers(path, steps, before, by);\n',
  ),
  leftOut(
    'a doom commutes with what its actor waits for',
    'recorder.ts',
    "    if (how === 'doom' && control?.isAwaitingMail(who) === true) this.#wouldTake(who, false);\n",
  ),
  leftOut(
    'a flush commutes with what it would take',
    'recorder.ts',
    "    if (how === 'polled' && this.#isInTurn) this.#polled(who, NEWS);\n",
  ),
  leftOut(
    'timers ring in any order',
    'every.ts',
    '    const isLater = steps[k]?.by === clock || later.some((m) => before.has(k, m));\n',
    '    const isLater = later.some((m) => before.has(k, m));\n',
  ),
  leftOut(
    'a sleeper is turned round only by what comes before it',
    'every.ts',
    'k < steps.length; k++) {\n        const step = steps[k] as Recorded;\n        const isOrdered',
    'k < made; k++) {\n        const step = steps[k] as Recorded;\n        const isOrdered',
  ),
  leftOut(
    'what arrives from another system commutes with the end of whom it is for',
    'crossings.ts',
    '      step.touches.add(thingOf(to), way);\n',
  ),
  leftOut(
    'what a system answers by itself commutes',
    'crossings.ts',
    '      step.crossings = withOne(step.crossings, { from: to, to: from, way: ANSWER });\n',
  ),
  leftOut(
    'the end of somebody in another system commutes with who hears of it',
    'crossings.ts',
    '        if (to.system !== pid.system)\n          step.crossings = withOne(step.crossings, { from: pid, to, way: ANSWER });\n',
    '        if (to.system !== pid.system) break;\n',
  ),
];
