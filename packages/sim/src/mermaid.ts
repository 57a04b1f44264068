/** A run as a sequence diagram. */

import type { Verdict } from './verdict.ts';
import type { World } from './world.ts';

/** One arrow: a message, in the step in which it was sent. */
interface Arrow {
  readonly step: number;
  readonly from: string;
  readonly to: string;
  readonly sign: '->>' | '-)' | '-->>' | '-x';
  readonly label: string;
}

/**
 * `->>` is a message that was received, `-)` one that was not, `-->>` a reply of a call, `-x` a dead letter.
 * `told` are the steps that are shown.
 */
export function mermaidOf(world: World, verdict: Verdict, told: ReadonlySet<number>): string {
  const arrows = arrowsOf(world).filter(({ step }) => told.has(step));
  const waiting = verdict.kind === 'deadlock' ? verdict.waiting : [];
  const asked = waiting.filter(({ pid, text }) => world.clients.includes(pid) || isCall(text));
  const blocked = asked.length > 0 ? asked : waiting.filter(({ pid }) => pid !== world.scenario);
  const ids = new Map<string, string>();
  const taken = new Set<string>();
  for (const label of [
    ...arrows.flatMap(({ from, to }) => [from, to]),
    ...blocked.map(({ who }) => who),
  ])
    if (!ids.has(label)) ids.set(label, idOf(label, taken));
  const lines = ['sequenceDiagram'];
  for (const [label, id] of ids)
    lines.push(id === label ? `  participant ${id}` : `  participant ${id} as ${escaped(label)}`);
  for (const { from, to, sign, label } of arrows)
    lines.push(`  ${ids.get(from)}${sign}${ids.get(to)}: ${escaped(label)}`);
  for (const { who, waitingFor } of blocked)
    lines.push(`  Note over ${ids.get(who)}: waits for ${escaped(waitingFor.join(', '))}`);
  return lines.join('\n');
}

function isCall(text: string): boolean {
  return text.startsWith('for the reply');
}

function arrowsOf(world: World): Arrow[] {
  const taken = new Set<unknown>();
  for (const step of world.steps) if (step.taken !== undefined) taken.add(step.taken);
  const arrows: Arrow[] = [];
  for (const [n, step] of world.steps.entries()) {
    const lost = new Set(
      step.deeds.filter(({ kind }) => kind === 'dead_letter').map(({ what }) => what),
    );
    for (const { kind, to, tag, what, text } of step.deeds) {
      if ((kind !== 'sent' && kind !== 'replied') || to === undefined) continue;
      const isReply = kind === 'replied';
      const sign = isReply ? '-->>' : lost.has(what) ? '-x' : taken.has(what) ? '->>' : '-)';
      const label = isReply ? (text ?? 'reply') : (tag ?? 'a message');
      arrows.push({
        step: n,
        from: world.labelOfMover(step.by),
        to: world.labels.labelOfPath(to),
        sign,
        label,
      });
    }
  }
  return arrows;
}

/** A short word that Mermaid takes, for each label another one. */
function idOf(label: string, taken: Set<string>): string {
  const [, body = '', number = ''] = /^([A-Za-z]+)(?: (\d+))?$/.exec(label) ?? [];
  const plain = number === '' ? body : `${body[0]}${number}`;
  let id = plain === '' || RESERVED.test(plain) ? `a${taken.size + 1}` : plain;
  while (taken.has(id)) id = `${id}_`;
  taken.add(id);
  return id;
}

const RESERVED =
  /^(?:end|loop|alt|opt|par|note|participant|actor|activate|deactivate|box|rect|critical|break|create|destroy|title)$/i;

/** Without what would end a line, or a word, of a diagram. */
function escaped(text: string): string {
  return text.replaceAll(/[;#\n\r]/g, ' ').replaceAll(/[<>]/g, '');
}
