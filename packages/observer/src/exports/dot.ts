/** Graphviz's text of a tree, or of who waits for whom. */

import { harmless } from '../terms/text.ts';
import type { TreeNode, WaitGraph } from '../terms/view.ts';
import { pidText } from '../terms/wire.ts';
import { idsOf } from './ids.ts';

/** Graphviz. */
export function toDot(what: readonly TreeNode[] | WaitGraph): string {
  return 'edges' in what ? waits(what) : tree(what);
}

function tree(nodes: readonly TreeNode[]): string {
  const all: { readonly node: TreeNode; readonly above: TreeNode | undefined }[] = [];
  const walk = (level: readonly TreeNode[], above: TreeNode | undefined): void => {
    for (const node of level) {
      all.push({ node, above });
      walk(node.children, node);
    }
  };
  walk(nodes, undefined);
  const id = idsOf(all.map(({ node }) => node.actor.pid));
  return graph([
    ...all.map(({ node: { actor, strategy } }) => {
      const lines = [actor.label, strategy ?? actor.status];
      const style = actor.ended === undefined ? '' : ' style=dashed';
      return `  ${id(actor.pid)} [label=${quoted(lines.join('\n'))}${style}];`;
    }),
    ...all.flatMap(({ node, above }) =>
      above === undefined ? [] : [`  ${id(above.actor.pid)} -> ${id(node.actor.pid)};`],
    ),
  ]);
}

function waits({ edges, deadlocks }: WaitGraph): string {
  const pids = [...new Set(edges.flatMap(({ from, to }) => [from, to]))];
  const id = idsOf(pids);
  const locked = new Set(deadlocks.flat().map(pidText));
  return graph([
    ...pids.map(
      (pid) =>
        `  ${id(pid)} [label=${quoted(String(pid))}${locked.has(pidText(pid)) ? ' color=red' : ''}];`,
    ),
    ...edges.map(
      ({ from, to, why, what }) =>
        `  ${id(from)} -> ${id(to)} [label=${quoted(`${why}: ${what}`)}];`,
    ),
  ]);
}

function graph(lines: readonly string[]): string {
  return ['digraph actors {', '  node [shape=box];', ...lines, '}', ''].join('\n');
}

function quoted(text: string): string {
  return `"${harmless(text).replace(/[\\"]/g, '\\$&').replace(/\n/g, '\\n')}"`;
}
