// Whose notices are sent, and what became of each: a row for every name, with a button that stops who sends them.

import type { Frame, SeenNotifier } from '../src/services/page/frame.ts';
import { element, Keyed, setClass, setText } from './dom.ts';

type Notice = Frame['notices'][number];

/** What is known of one name. */
interface Row {
  readonly name: string;
  readonly notice: Notice | undefined;
  readonly isRunning: boolean;
}

const MOST = 20;
const STATES = { delivered: 'delivered', failed: 'will never be taken' } as const;

export class NoticesView {
  readonly #rows: Keyed<Row, HTMLLIElement>;

  constructor(parent: Element, change: (name: string, what: 'start' | 'stop') => void) {
    this.#rows = new Keyed<Row, HTMLLIElement>(
      parent,
      ({ name }) => name,
      ({ name }) => made(name, change),
      update,
    );
  }

  /** Shows those who are sent notices, and the latest of the others. */
  show(notices: readonly Notice[], notifiers: readonly SeenNotifier[]): void {
    const told = new Map(notices.map((notice) => [notice.name, notice]));
    const known = new Set(notifiers.map(({ name }) => name));
    const others = notices.filter(({ name }) => !known.has(name)).slice(-MOST);
    this.#rows.show([
      ...notifiers.map(({ name, isRunning }) => ({ name, notice: told.get(name), isRunning })),
      ...others.map((notice) => ({ name: notice.name, notice, isRunning: false })),
    ]);
  }
}

function made(name: string, change: (name: string, what: 'start' | 'stop') => void): HTMLLIElement {
  const button = element('button', 'small');
  button.type = 'button';
  button.addEventListener('click', () =>
    change(name, button.textContent === 'Stop' ? 'stop' : 'start'),
  );
  return element(
    'li',
    '',
    element('span', 'name'),
    element('span', 'state'),
    button,
    element('span', 'why'),
  );
}

function update(item: HTMLLIElement, row: Row): void {
  const [name, state, button, why] = item.children as unknown as Element[];
  if (name === undefined || state === undefined || button === undefined || why === undefined)
    return;
  const shown = row.notice?.address ?? row.name;
  setText(name, shown);
  name.setAttribute('title', shown);
  setClass(state, `state ${row.notice?.state ?? ''}`.trim());
  setText(state, wordsFor(row));
  setText(why, row.notice?.reason ?? '');
  const word = row.isRunning ? 'Stop' : 'Start';
  setText(button, word);
  button.setAttribute('aria-label', `${word} the notifier of ${row.name}`);
}

function wordsFor({ notice, isRunning }: Row): string {
  switch (notice?.state) {
    case undefined:
      return isRunning ? 'nothing to send yet' : 'stopped';
    case 'wanted':
      return 'nobody is there to send it';
    case 'published':
      return isRunning ? 'under way' : 'waits for its notifier';
    case 'delivered':
    case 'failed':
      return STATES[notice.state];
  }
}
