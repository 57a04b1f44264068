/** The page: buttons, and the work behind them as it goes. Nothing that comes from outside becomes markup. */

const EVERYBODY = ['ada', 'bea', 'cem', 'dora'];
const LOOK_MS = 500;
const people = document.querySelector('#people');
const tasks = document.querySelector('#tasks');
const fault = document.querySelector('#fault');
const away = document.querySelector('#away');
const link = document.querySelector('#link');
/** What was last shown, so that nothing is drawn again for nothing, and the focus stays where it is. */
const shown = { people: '', tasks: '' };

async function ask(path, method, body) {
  fault.textContent = '';
  try {
    const response = await fetch(path, {
      method,
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
    });
    if (!response.ok) fault.textContent = (await response.json()).message;
  } catch {
    fault.textContent = 'The server does not answer. Try again in a moment.';
  }
  await look();
}

away.addEventListener('change', () => ask('/mail-server', 'POST', { away: away.checked }));

async function look() {
  try {
    const [all, listed, mail] = await Promise.all(
      ['/people', '/tasks?limit=30', '/mail-server'].map(async (path) =>
        (await fetch(path)).json(),
      ),
    );
    link.textContent = 'Live';
    if (document.activeElement !== away) away.checked = mail.away;
    draw('people', all, drawPeople);
    draw(
      'tasks',
      listed.tasks.filter(({ name }) => name !== 'sweep'),
      drawTasks,
    );
  } catch {
    link.textContent = 'The server does not answer; it is asked again.';
  }
}

function draw(what, value, show) {
  const text = JSON.stringify(value);
  if (shown[what] === text) return;
  shown[what] = text;
  const focused = document.activeElement?.dataset?.key;
  show(value);
  if (focused !== undefined) document.querySelector(`[data-key="${CSS.escape(focused)}"]`)?.focus();
}

function drawPeople(all) {
  const known = new Map(all.map((each) => [each.name, each]));
  const posts = known.get('you')?.posts ?? 0;
  people.replaceChildren(
    ...EVERYBODY.map((name) => {
      const item = document.createElement('li');
      const followers = known.get(name)?.followers ?? 0;
      const facts = `${followers} follow${followers === 1 ? 's' : ''}`;
      item.append(make('strong', name), make('span', facts, 'facts'));
      item.append(
        button(`follow ${name}`, 'Follow', () =>
          ask(`/users/${name}/follow`, 'POST', { by: 'you' }),
        ),
      );
      return item;
    }),
    Object.assign(document.createElement('li'), { textContent: `Your timeline: ${posts} posts` }),
  );
}

function drawTasks(all) {
  tasks.replaceChildren(
    ...all.map((task) => {
      const row = document.createElement('tr');
      const name = task.name === '' ? 'chain' : task.name;
      const state = task.error === undefined ? task.state : `${task.state}: ${task.error.message}`;
      const look = task.state === 'succeeded' ? 'yes' : task.error === undefined ? '' : 'failed';
      const todo = document.createElement('td');
      if (['failed', 'expired', 'quarantined'].includes(task.state))
        todo.append(
          button(`retry ${task.task_id}`, 'Try again', () =>
            ask(`/tasks/${task.task_id}/retry`, 'POST', {}),
          ),
        );
      row.append(make('td', name), make('td', state, look), make('td', task.attempt), todo);
      return row;
    }),
  );
}

function button(key, text, act) {
  const made = make('button', text);
  made.type = 'button';
  made.dataset.key = key;
  made.setAttribute('aria-label', key);
  made.addEventListener('click', act);
  return made;
}

function make(tag, text, className = '') {
  return Object.assign(document.createElement(tag), { textContent: text, className });
}

await look();
setInterval(look, LOOK_MS);
