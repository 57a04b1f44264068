/** The page: asks, and shows what became of it as it is told. Nothing that comes from outside becomes markup. */

const ask = document.querySelector('#ask');
const field = document.querySelector('#number');
const fault = document.querySelector('#fault');
const list = document.querySelector('#tasks');
const none = document.querySelector('#none');
/** Kept over a reload, newest first: `{ id, number }`. */
const KEPT = 'prime.tasks';
const MOST_KEPT = 20;

const kept = () => {
  try {
    return JSON.parse(sessionStorage.getItem(KEPT)) ?? [];
  } catch {
    return [];
  }
};

for (const { id, number } of kept().reverse()) show(id, number);

ask.addEventListener('submit', async (event) => {
  event.preventDefault();
  fault.textContent = '';
  const number = field.value.trim();
  const method = new FormData(ask).get('method');
  try {
    const response = await fetch('/', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ number, method }),
    });
    const answer = await response.json();
    if (!response.ok) fault.textContent = answer.message;
    else {
      sessionStorage.setItem(
        KEPT,
        JSON.stringify([{ id: answer.task_id, number }, ...kept()].slice(0, MOST_KEPT)),
      );
      show(answer.task_id, number);
      field.select();
    }
  } catch {
    fault.textContent = 'The server does not answer. Try again in a moment.';
  }
});

function show(id, number) {
  none.hidden = true;
  const item = document.createElement('li');
  const asked = make('span', 'number', number);
  const state = make('span', 'state', 'asked');
  const bar = document.createElement('progress');
  bar.max = 1;
  bar.hidden = true;
  bar.setAttribute('aria-label', `Progress of ${number}`);
  const stop = make('button', '', 'Stop');
  stop.type = 'button';
  stop.setAttribute('aria-label', `Stop ${number}`);
  stop.addEventListener('click', () => fetch(`/${id}`, { method: 'DELETE' }).catch(() => {}));
  const row = make('div', 'row', '');
  row.append(state, bar, stop);
  item.append(asked, row);
  list.prepend(item);
  follow(id, (answer) => {
    const [text, look] = inWords(answer);
    state.textContent = text;
    state.className = `state ${look}`;
    const runs = answer.status === 'STARTED';
    bar.hidden = !runs || answer.progress === undefined;
    if (answer.progress !== undefined) bar.value = answer.progress;
    stop.hidden = isOver(answer);
  });
}

function follow(id, told) {
  const events = new EventSource(`/${id}/events`);
  events.addEventListener('state', ({ data }) => {
    // Big numbers are not read here: whether they are prime is all that is shown.
    const answer = JSON.parse(data);
    told(answer);
    if (isOver(answer)) events.close();
  });
  events.addEventListener('error', () => {
    if (events.readyState === EventSource.CLOSED) told({ status: 'LOST' });
  });
}

function isOver({ status }) {
  return !['PENDING', 'STARTED', 'RETRY'].includes(status);
}

function inWords({ status, result, error }) {
  switch (status) {
    case 'PENDING':
      return ['waits for its turn', ''];
    case 'STARTED':
      return ['is being tried', ''];
    case 'RETRY':
      return ['will be tried again', ''];
    case 'SUCCESS': {
      const sure = result.certainty === 'proven' ? '' : ', as far as anybody knows';
      return result.is_prime ? [`is prime${sure}`, 'yes'] : ['is not prime', 'no'];
    }
    case 'REVOKED':
      return ['was stopped', ''];
    case 'LOST':
      return ['is not known any more', ''];
    default:
      return [`failed: ${error.message}`, 'failed'];
  }
}

function make(tag, className, text) {
  const element = document.createElement(tag);
  element.className = className;
  element.textContent = text;
  return element;
}
