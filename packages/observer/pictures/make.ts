/**
 * Makes the pictures of the README: four programs that something is wrong with, as the page shows them, found by
 * looking alone. `node --conditions=beamish-source --import tsx packages/observer/pictures/make.ts`
 */

import { fileURLToPath } from 'node:url';
import { threads } from '@beamish/threads';
import {
  type Actor,
  ActorSystem,
  child,
  type Message,
  name,
  type Self,
  type ServerMessage,
  server,
  supervisor,
} from 'beamish';
import type { Page } from 'playwright-core';
import { openBrowser } from '../../../test/support/browser.ts';
import { observe, servePage } from '../src/index.ts';
import { looping } from './looping.ts';

type Approving = ServerMessage<{ call: { approve(): boolean }; cast: object }>;

const clerk = server((self, other: string) => ({
  call: { approve: () => true },
  cast: {
    *begin() {
      yield* self.call(name<Approving>(other), 'approve').within('infinity');
    },
  },
}));

async function deadlock(system: ActorSystem): Promise<void> {
  await system.start(
    supervisor({
      children: [
        child({ id: 'clerk-1', name: 'clerk-1' }, clerk, 'clerk-2'),
        child({ id: 'clerk-2', name: 'clerk-2' }, clerk, 'clerk-1'),
      ],
    }),
  );
  for (const its of ['clerk-1', 'clerk-2'])
    system.cast(name(its) as never, 'begin' as never, ...([] as never));
}

async function storm(system: ActorSystem): Promise<void> {
  const till = function* till(self: Self): Actor {
    yield* self.sleep(400);
    throw new Error('Out of change');
  };
  const lamp = function* lamp(self: Self): Actor {
    for (;;) yield* self.sleep(1000);
  };
  await system.start(
    supervisor({
      intensity: 12,
      periodMs: 5000,
      children: [
        child({ id: 'till', name: 'till' }, till),
        child({ id: 'lamp', name: 'lamp' }, lamp),
      ],
    }),
  );
}

async function unread(system: ActorSystem): Promise<void> {
  const letterbox = function* letterbox(self: Self<Message>): Actor {
    for (;;) yield* self.receive('parcel' as never);
  };
  const postman = function* postman(self: Self): Actor {
    for (;;) {
      yield* self.sleep(20);
      self.send(name<Message>('letterbox'), { tag: 'letter' });
    }
  };
  await system.start(
    supervisor({
      children: [
        child({ id: 'letterbox', name: 'letterbox' }, letterbox),
        child({ id: 'postman', name: 'postman' }, postman),
      ],
    }),
  );
}

async function dying(system: ActorSystem): Promise<void> {
  const pool = await threads(system, { size: 2 });
  await system.start(
    supervisor({
      children: [0, 1].map((thread) => child(`worker-${thread}`, pool.at(looping, { thread }))),
    }),
  );
  setTimeout(() => pool.kill(1, new Error('Out of memory')), 4000);
}

/** What is wrong, how it comes to be, and what the page is to show when the picture is made. */
const PICTURES: readonly {
  readonly file: string;
  readonly theme: 'dark' | 'light';
  readonly begin: (system: ActorSystem) => Promise<void>;
  readonly show: (page: Page) => Promise<void>;
}[] = [
  {
    file: 'deadlock',
    theme: 'dark',
    begin: deadlock,
    async show(page) {
      await page.locator('.side .card', { hasText: 'Deadlock' }).waitFor();
      await page.getByRole('tab', { name: 'Waits' }).click();
      await page.waitForTimeout(1500);
    },
  },
  {
    file: 'restart-storm',
    theme: 'dark',
    begin: storm,
    async show(page) {
      await page.locator('.side .card', { hasText: 'Restart storm' }).waitFor();
      await page.waitForTimeout(1500);
    },
  },
  {
    file: 'unread-mailbox',
    theme: 'light',
    begin: unread,
    async show(page) {
      await page.locator('.side .card', { hasText: 'Messages that nobody takes' }).waitFor();
      await page.locator('.row', { hasText: 'letterbox' }).click();
      await page.waitForTimeout(1500);
    },
  },
  {
    file: 'dead-thread',
    theme: 'light',
    begin: dying,
    async show(page) {
      await page.getByRole('tab', { name: 'Threads' }).click();
      await page.getByText('lost, heard of').waitFor();
      await page.locator('.side .card', { hasText: 'died' }).waitFor();
      // Another one in its place.
      await page.locator('tbody tr').nth(3).waitFor();
      await page.waitForTimeout(1500);
    },
  },
];

const browser = await openBrowser();
for (const { file, theme, begin, show } of PICTURES) {
  const system = new ActorSystem({ name: 'shop', log: 'off' });
  const observer = observe(system);
  const served = await servePage(observer);
  await begin(system);
  const context = await browser.newContext({
    viewport: { width: 1120, height: 460 },
    colorScheme: theme,
  });
  const page = await context.newPage();
  page.setDefaultTimeout(60_000);
  await page.goto(served.url);
  await show(page);
  await page.screenshot({ path: fileURLToPath(new URL(`${file}.png`, import.meta.url)) });
  await context.close();
  await served.close();
  await system.shutdown();
}
await browser.close();
process.exit(0);
