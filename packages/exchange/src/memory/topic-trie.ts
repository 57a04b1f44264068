/**
 * Which bindings of a topic exchange a key matches. Patterns are paths in a trie of words; a key walks it
 * with the set of all nodes that it can have reached, so that it takes time linear in words × nodes of the
 * trie, whatever the pattern. Recursion over `#` took 1,054 ms for `#.a.#.a.#.a.#.a.#.b` on 100 words.
 */

class Node<T> {
  readonly words = new Map<string, Node<T>>();
  /** Of `*`. */
  star: Node<T> | undefined = undefined;
  /** Of `#`. */
  hash: Node<T> | undefined = undefined;
  readonly isHash: boolean;
  /** Who is bound by the pattern that ends here, and how often. */
  readonly bound = new Map<T, number>();
  /** The step in which it was reached last: each node is in a set once. */
  reached = 0;

  constructor(isHash: boolean) {
    this.isHash = isHash;
  }

  get isEmpty(): boolean {
    return (
      this.bound.size === 0 &&
      this.words.size === 0 &&
      this.star === undefined &&
      this.hash === undefined
    );
  }
}

export class TopicTrie<T> {
  readonly #root = new Node<T>(false);
  #steps = 0;
  /** Taken in turn as the nodes that are reached, and those that are reached next. */
  #here: Node<T>[] = [];
  #next: Node<T>[] = [];

  add(pattern: string, who: T): void {
    let node = this.#root;
    for (const word of patternWords(pattern)) node = childFor(node, word);
    node.bound.set(who, (node.bound.get(who) ?? 0) + 1);
  }

  /** What was added as often stays. */
  remove(pattern: string, who: T): void {
    const path: { readonly node: Node<T>; readonly word: string }[] = [];
    let node: Node<T> | undefined = this.#root;
    for (const word of patternWords(pattern)) {
      path.push({ node, word });
      node = childOf(node, word);
      if (node === undefined) return;
    }
    const count = node.bound.get(who);
    if (count === undefined) return;
    if (count > 1) node.bound.set(who, count - 1);
    else node.bound.delete(who);
    for (let last = path.pop(); last !== undefined && node.isEmpty; last = path.pop()) {
      dropChild(last.node, last.word);
      node = last.node;
    }
  }

  /** Who is bound by a pattern that matches; who is by several, more than once. */
  match(key: string): readonly T[] {
    let here = this.#here;
    let next = this.#next;
    here.length = 0;
    this.#reach(this.#root, here, ++this.#steps);
    for (let from = 0; key !== '' && from <= key.length; ) {
      const dot = key.indexOf('.', from);
      const to = dot === -1 ? key.length : dot;
      const word = key.slice(from, to);
      const step = ++this.#steps;
      next.length = 0;
      for (const node of here) {
        if (node.isHash) this.#reach(node, next, step);
        const child = node.words.get(word);
        if (child !== undefined) this.#reach(child, next, step);
        if (node.star !== undefined) this.#reach(node.star, next, step);
      }
      const before = here;
      here = next;
      next = before;
      if (here.length === 0) return [];
      from = to + 1;
    }
    const found: T[] = [];
    for (const node of here) for (const who of node.bound.keys()) found.push(who);
    return found;
  }

  /** A `#` behind a node is reached with it, since it can be no word at all. */
  #reach(node: Node<T>, set: Node<T>[], step: number): void {
    for (let each: Node<T> | undefined = node; each !== undefined; each = each.hash) {
      if (each.reached === step) return;
      each.reached = step;
      set.push(each);
    }
  }
}

/** The empty key has no words; in all others there are as many as dots and one. Of `#` in a row one is enough. */
function patternWords(pattern: string): readonly string[] {
  if (pattern === '') return [];
  return pattern.split('.').filter((word, i, all) => word !== '#' || all[i - 1] !== '#');
}

function childOf<T>(node: Node<T>, word: string): Node<T> | undefined {
  if (word === '*') return node.star;
  return word === '#' ? node.hash : node.words.get(word);
}

function childFor<T>(node: Node<T>, word: string): Node<T> {
  const present = childOf(node, word);
  if (present !== undefined) return present;
  const made = new Node<T>(word === '#');
  if (word === '*') node.star = made;
  else if (word === '#') node.hash = made;
  else node.words.set(word, made);
  return made;
}

function dropChild<T>(node: Node<T>, word: string): void {
  if (word === '*') node.star = undefined;
  else if (word === '#') node.hash = undefined;
  else node.words.delete(word);
}
