/** Mermaid's text: a sequence diagram, or a flowchart of a tree or of who waits for whom. */

import type { Label, Pid } from 'beamish';
import { inOneLine } from '../terms/text.ts';
import type { MessageView, Sequence, TreeNode, WaitGraph } from '../terms/view.ts';
import { pidText } from '../terms/wire.ts';
import { idsOf } from './ids.ts';

const MOST = 150;

/** A `sequenceDiagram`, or a `flowchart` of a tree or of who waits for whom. At most `limit` arrows or nodes (150); the rest is a note. */
export function toMermaid(
  what: Sequence | readonly TreeNode[] | WaitGraph,
  { limit = MOST }: { readonly limit?: number } = {},
): string {
  if ('messages' in what) return sequence(what, limit);
  return 'edges' in what ? waits(what, limit) : tree(what, limit);
}

function sequence({ lifelines, messages }: Sequence, limit: number): string {
  const shown = messages.slice(0, limit);
  const strangers = [...new Set(shown.flatMap(({ to }) => (typeof to === 'string' ? [to] : [])))];
  const pids = shown.flatMap(({ from, to }) => (typeof to === 'string' ? [from] : [from, to]));
  const id = idsOf(pids);
  const used = new Set(pids.map(pidText));
  const end = (who: Pid | string) =>
    typeof who === 'string' ? `s${strangers.indexOf(who) + 1}` : id(who);
  const left = messages.length - shown.length;
  return lines(
    'sequenceDiagram',
    ...lifelines
      .filter(({ pid }) => used.has(pidText(pid)))
      .map((its) => `  participant ${id(its.pid)} as ${text(labelOf(its))}`),
    ...strangers.map((who, i) => `  participant s${i + 1} as ${text(who)}`),
    ...shown.map(
      (message) =>
        `  ${end(message.from)}${arrow(message)}${end(message.to)}: ${text(message.tag) || ' '}`,
    ),
    ...(left > 0 && shown[0] !== undefined
      ? [`  Note over ${end(shown[0].from)}: ${left} more messages`]
      : []),
  );
}

function arrow({ kind, fate }: MessageView): string {
  if (fate === 'dead_letter' || fate === 'late_reply' || fate === 'flushed') return '-x';
  if (kind === 'reply') return '-->>';
  return fate === 'taken' ? '->>' : '-)';
}

function tree(nodes: readonly TreeNode[], limit: number): string {
  const shown: { readonly node: TreeNode; readonly above: TreeNode | undefined }[] = [];
  let count = 0;
  const walk = (level: readonly TreeNode[], above: TreeNode | undefined): void => {
    for (const node of level) {
      if (count++ < limit) shown.push({ node, above });
      walk(node.children, node);
    }
  };
  walk(nodes, undefined);
  const id = idsOf(shown.map(({ node }) => node.actor.pid));
  return lines(
    'flowchart LR',
    ...shown.map(({ node }) => `  ${id(node.actor.pid)}["${describe(node)}"]`),
    ...shown.flatMap(({ node, above }) =>
      above === undefined ? [] : [`  ${id(above.actor.pid)} --- ${id(node.actor.pid)}`],
    ),
    ...(count > shown.length ? [`  more["${count - shown.length} more actors"]`] : []),
  );
}

function describe({ actor, strategy }: TreeNode): string {
  const what =
    strategy ??
    (actor.ended !== undefined
      ? `ended: ${String(actor.ended.reason)}`
      : actor.status === 'waiting' || actor.status === 'awaiting'
        ? `waits for ${actor.waitingFor.join(', ')}`
        : actor.status);
  return `${text(actor.label)}<br/>${text(what)}`;
}

function waits({ edges, deadlocks }: WaitGraph, limit: number): string {
  const shown = edges.slice(0, limit);
  const pids = [...new Set(shown.flatMap(({ from, to }) => [from, to]))];
  const id = idsOf(pids);
  const locked = new Set(deadlocks.flat().map(pidText));
  const left = edges.length - shown.length;
  return lines(
    'flowchart LR',
    ...pids.map(
      (pid) =>
        `  ${id(pid)}["${text(String(pid))}"]${locked.has(pidText(pid)) ? ':::deadlock' : ''}`,
    ),
    ...shown.map(
      ({ from, to, why, what }) => `  ${id(from)} -->|"${text(`${why}: ${what}`)}"| ${id(to)}`,
    ),
    ...(locked.size > 0 ? ['  classDef deadlock stroke:#b93a10,stroke-width:2px'] : []),
    ...(left > 0 ? [`  more["${left} more waits"]`] : []),
  );
}

function labelOf({ pid, name, body }: Label): string {
  return name ?? body ?? String(pid);
}

function lines(...all: readonly string[]): string {
  return `${all.join('\n')}\n`;
}

const ESCAPES: { readonly [sign: string]: string } = {
  '#': '#35;',
  '"': '#quot;',
  '<': '#lt;',
  ';': '#59;',
};

/** As a label: no sign of Mermaid's own, no control character, no half of a character. */
function text(label: string): string {
  return inOneLine(label).replace(/[#"<;]/g, (sign) => ESCAPES[sign] ?? sign);
}
