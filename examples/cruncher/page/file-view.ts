// The files, each with a bar for each cruncher.

import type { FileProgress, SeenFile } from '../src/services/page/frame.ts';
import { bytes, count, duration } from '../src/units.ts';
import { element, Keyed, setClass, setText } from './dom.ts';

const UPLOAD = 'upload';

interface Row {
  update(file: SeenFile): void;
}

interface Line {
  readonly bar: HTMLProgressElement;
  readonly found: Element;
  readonly all: readonly Element[];
}

const rows = new WeakMap<Element, Row>();

export function fileView(list: Element, cancel: (id: string) => void) {
  return new Keyed<SeenFile, HTMLLIElement>(
    list,
    ({ id }) => id,
    (file) => item(file, cancel),
    (made, file) => rows.get(made)?.update(file),
  );
}

/** What is said of a file as a whole. */
export function stateOf({ state, size, received, leftMs, crunchers }: SeenFile): string {
  const left = leftMs === undefined ? '' : `, ${duration(Math.ceil(leftMs / 1000) * 1000)} left`;
  switch (state) {
    case 'receiving':
      if (received === 0) return 'waiting';
      return size === undefined ? bytes(received) : `${bytes(received)} of ${bytes(size)}${left}`;
    case 'crunching':
      return `crunching${left}`;
    case 'done': {
      const most = Math.max(0, ...crunchers.map(({ found }) => found));
      return most === 0 ? 'no address' : size === undefined ? 'done' : bytes(size);
    }
    case 'cancelled':
      return 'cancelled';
    case 'failed':
      return 'failed';
  }
}

function item(first: SeenFile, cancel: (id: string) => void): HTMLLIElement {
  const name = element('span', 'name', first.name);
  name.title = first.name;
  const state = element('span');
  const button = element('button', 'small', 'Cancel');
  button.type = 'button';
  button.setAttribute('aria-label', `Cancel ${first.name}`);
  button.addEventListener('click', () => cancel(first.id));
  const why = element('p', 'why');
  const bars = element('div', 'bars');
  const made = element('li', 'file', name, element('span', 'state', state, button), why, bars);
  const lines = new Map<string, Line>();
  const lineOf = (label: string): Line => {
    const known = lines.get(label);
    if (known !== undefined) return known;
    const bar = element('progress');
    bar.max = 1;
    bar.setAttribute('aria-label', `${first.name}, ${label}`);
    const found = element('span', 'found');
    const isUpload = label === UPLOAD;
    if (isUpload) for (const each of [bar, found]) each.classList.add('upload');
    const line = {
      bar,
      found,
      all: [element('span', isUpload ? 'upload' : '', label), bar, found],
    };
    bars.append(...line.all);
    lines.set(label, line);
    return line;
  };

  rows.set(made, {
    update(file) {
      setClass(made, `file ${file.state}`);
      setText(state, stateOf(file));
      setText(why, file.why ?? '');
      button.hidden = file.state !== 'receiving' && file.state !== 'crunching';
      if (file.state === 'receiving') {
        const { bar } = lineOf(UPLOAD);
        bar.value = file.size ? file.received / file.size : 0;
      }
      const before = lines.size;
      for (const each of file.crunchers) show(lineOf(each.cruncher), each, file);
      if (lines.size === before) return;
      // Whichever has told first, they stand in the same order for each file.
      for (const { cruncher } of file.crunchers) bars.append(...lineOf(cruncher).all);
    },
  });
  return made;
}

function show({ bar, found }: Line, each: FileProgress, { size }: SeenFile): void {
  const value = each.isDone ? 1 : size ? each.bytes / size : 0;
  if (bar.value !== value) bar.value = value;
  bar.classList.toggle('done', each.isDone && each.error === undefined);
  setText(found, count(each.found));
}
