/** Ways to break the runtime. */

import type { Mutation } from '../mutation.ts';

export const mutations: readonly Mutation[] = [
  {
    name: 'unlink forgets the other side',
    file: 'signals/links.ts',
    from: '  dropLink(a, b.pid);\n  dropLink(b, a.pid);\n',
    to: '  dropLink(a, b.pid);\n',
  },
  {
    name: 'a link is kept by one side only',
    file: 'signals/links.ts',
    from: '  addLink(b, a.pid);\n',
    to: '',
  },
  {
    name: 'a link to a dead pid succeeds in silence',
    file: 'signals/links.ts',
    from: 'if (peer === undefined) return linkedExit(pid, cell, absence(cell.system, pid));',
    to: 'if (peer === undefined) return;',
  },
  {
    name: 'flush leaves the DOWN',
    file: 'signals/monitors.ts',
    from: 'if (!active && flush)',
    to: 'if (active && flush)',
  },
  {
    name: 'anyone can demonitor',
    file: 'signals/monitors.ts',
    from: 'watch instanceof Monitor && watch.owner === cell;',
    to: 'watch instanceof Monitor && watch.owner !== undefined;',
  },
  {
    name: 'watchers hear in reverse order',
    file: 'signals/watches.ts',
    from: 'const watch = relations.watchers.nextWatcher;',
    to: 'const watch = relations.watchers;',
  },
  {
    name: 'the dead go on watching',
    file: 'turn/termination.ts',
    from: '  dropWatching(cell);\n',
    to: '',
  },
  {
    name: 'DOWN before EXIT',
    file: 'turn/termination.ts',
    from: '  tellLinks(cell, reason);\n  tellWatchers(cell, reason);',
    to: '  tellWatchers(cell, reason);\n  tellLinks(cell, reason);',
  },
  {
    name: 'a failed start leaves its EXIT',
    file: 'turn/termination.ts',
    from: '|| !by.trapExit) return;',
    to: '|| by.trapExit) return;',
  },
  {
    name: 'a timer outlives its destination',
    file: 'turn/termination.ts',
    from: 'if (cell.relations?.timers !== undefined) dropTimers(cell);',
    to: '',
  },
  {
    name: 'an exit signal overtakes: DOWN reaches the front of the mailbox',
    file: 'signals/delivery.ts',
    from: '  to.mailbox ??= new Mailbox();\n  to.mailbox.push(message);',
    to: '  const rest = to.mailbox?.toArray() ?? [];\n  to.mailbox = new Mailbox();\n  to.mailbox.push(message);\n  for (const each of rest) to.mailbox.push(each);',
  },
  {
    name: 'kill can be trapped',
    file: 'signals/exit-signals.ts',
    from: "  if (reason === 'kill') return beginExit(to, 'killed');\n  if (to.trapExit) return notify(from, to, exitMessage(from, reason));",
    to: "  if (to.trapExit) return notify(from, to, exitMessage(from, reason));\n  if (reason === 'kill') return beginExit(to, 'killed');",
  },
  {
    name: 'kill keeps its name',
    file: 'signals/exit-signals.ts',
    from: "if (reason === 'kill') return beginExit(to, 'killed');",
    to: "if (reason === 'kill') return beginExit(to, 'kill');",
  },
  {
    name: 'normal from another kills',
    file: 'signals/exit-signals.ts',
    from: "if (reason === 'normal' && from !== to.pid) return;",
    to: '',
  },
  {
    name: 'normal to oneself is ignored',
    file: 'signals/exit-signals.ts',
    from: "if (reason === 'normal' && from !== to.pid) return;",
    to: "if (reason === 'normal') return;",
  },
  {
    name: 'a linked normal end kills',
    file: 'signals/exit-signals.ts',
    from: "if (reason !== 'normal') beginExit(to, reason);",
    to: 'beginExit(to, reason);',
  },
  {
    name: 'kill over a link is renamed',
    file: 'signals/exit-signals.ts',
    from: "if (reason !== 'normal') beginExit(to, reason);",
    to: "if (reason !== 'normal') beginExit(to, reason === 'kill' ? 'killed' : reason);",
  },
  {
    name: 'the exiting keep their name until their turn',
    file: 'signals/wake.ts',
    from: '  cell.status = EXITING;\n  release(cell);',
    to: '  cell.status = EXITING;',
  },
  {
    name: 'the exiting take messages',
    file: 'signals/delivery.ts',
    from: '  if (to.status >= EXITING) {\n    system',
    to: '  if (to.status > EXITING) {\n    system',
  },
  {
    name: 'a guard is run by the sender',
    file: 'signals/wake.ts',
    from: 'to.guard === undefined && accepts(to.want, message)',
    to: '(to.guard === undefined || to.guard(message as never)) && accepts(to.want, message)',
  },
  {
    name: 'signals obey the limit of a mailbox',
    file: 'signals/delivery.ts',
    from: '  to.mailbox.push(message);',
    to: '  if (to.mailbox.length < to.mailbox.limit) to.mailbox.push(message);',
  },
  {
    name: 'a skipped message is forgotten',
    file: 'mailbox/mailbox.ts',
    from: '        looked++;',
    to: '        looked++;\n        messages[slot] = undefined;\n        this.length--;',
  },
  {
    name: 'the save pointer is not reset',
    file: 'mailbox/mailbox.ts',
    from: '    this.#cursor = this.#head;\n    this.#cursorSlot = this.#headSlot;\n    return this.takeNew(want, guard);',
    to: '    return this.takeNew(want, guard);',
  },
  {
    name: 'a time-out does not look once more',
    file: 'operations/receive.ts',
    from: '    const box = cell.mailbox;\n    if (box !== undefined) {',
    to: '    const box = cell.mailbox;\n    if (box !== undefined && !isTimeUp) {',
  },
  {
    name: 'after(0) suspends',
    file: 'operations/receive.ts',
    from: 'return this.#timeout === 0 ? this.expire(cell) : this.wait(cell);',
    to: 'return this.wait(cell);',
  },
  {
    name: 'a late reply is delivered',
    file: 'signals/requests.ts',
    from: "    this.state = 'abandoned';\n    this.leave();",
    to: '',
  },
  {
    name: 'a call to oneself hangs',
    file: 'signals/requests.ts',
    from: 'if (callee !== undefined && callee !== owner) startWatch',
    to: 'if (callee !== undefined) startWatch',
  },
  {
    name: 'a reply that is there does not count at the deadline',
    file: 'operations/call.ts',
    from: "    if (request.state === 'answered') return done(request.value);\n    if (request.state === 'failed') throw request.failure();\n    request.abandon();",
    to: "    if (this.#timeout === 0) throw request.failure('timeout');\n    if (request.state === 'answered') return done(request.value);\n    if (request.state === 'failed') throw request.failure();\n    request.abandon();",
  },
  {
    name: 'clean-up does not run when a signal ends an actor',
    file: 'turn/step.ts',
    from: '  if (cell.generator !== undefined) unwind(cell, cell.generator);\n',
    to: '',
  },
  {
    name: 'a thrown value is its own reason',
    file: 'terms/exit-reason.ts',
    from: 'if (!isError(thrown)) return new Nocatch(thrown);',
    to: 'if (!isError(thrown)) return thrown;',
  },
  {
    name: 'what comes before the spawn of its actor reaches nobody',
    file: 'state/reserved-pids.ts',
    from: 'return owner !== from;',
    to: 'return owner === from;',
  },
  {
    name: 'timers fire a millisecond early',
    file: 'state/timer-wheel.ts',
    from: 'node.due = Math.ceil(at);',
    to: 'node.due = Math.ceil(at) - 1;',
  },
  {
    name: 'restart intensity is off by one',
    file: 'otp/restart-intensity.ts',
    from: '<= this.intensity',
    to: '< this.intensity',
  },
  {
    name: 'transient children are restarted after a shutdown',
    file: 'otp/restart-policy.ts',
    from: 'return !isOrderly(reason);',
    to: "return reason !== 'normal';",
  },
  {
    name: 'terminate runs after the reply of a server that stops',
    file: 'otp/server.ts',
    from: `      if (wishes.stop !== undefined) {
        terminated = true;
        yield* terminate(self, definition, (wishes.stop as { reason: ExitReason }).reason);
      }
      const`,
    to: '      const',
  },
  {
    name: 'postponed events come back after a repeat',
    file: 'otp/machine.ts',
    from: "      case 'repeat':\n",
    to: "      case 'repeat':\n        this.#waiting.push(...this.#postponed.splice(0));\n",
  },
  {
    name: 'postponed events come back behind those that wait',
    file: 'otp/machine.ts',
    from: '[...this.#postponed, ...this.#waiting]',
    to: '[...this.#waiting, ...this.#postponed]',
  },
  {
    name: 'inserted events wait behind those that have come back',
    file: 'otp/machine.ts',
    from: '[...nextEvents, ...this.#waiting]',
    to: '[...this.#waiting, ...nextEvents]',
  },
  {
    name: 'a state time-out outlives its state',
    file: 'otp/machine.ts',
    from: "        this.#timers.cancel('stateTimeout');\n",
    to: '',
  },
  {
    name: 'an event does not end an event time-out',
    file: 'otp/machine.ts',
    from: "    if (event.kind !== 'eventTimeout') this.#timers.cancel('eventTimeout');\n",
    to: '',
  },
  {
    name: 'a time-out that was taken back still comes',
    file: 'otp/machine-timers.ts',
    from: 'this.#pending.get(timeout.key) === timeout ?',
    to: 'timeout.timer !== undefined ?',
  },
  {
    name: 'the dead stay in their groups',
    file: 'signals/registry.ts',
    from: 'for (const holding of holdings) holding.drop(cell);',
    to: '',
  },
  {
    name: 'the members of a lost system stay',
    file: 'distribution/connection.ts',
    from: '    forgetMembersOf(this.#system, there);\n',
    to: '',
  },
  {
    name: 'who has joined twice leaves with once',
    file: 'signals/groups.ts',
    from: 'if (times > 1)',
    to: 'if (times > 2)',
  },
];
