/** One life of a program with a broker on disk, which will be killed: `FOLDER NOTES SEED FIRST WAITING`; it drains and ends when it is told to. */

import { heapInUse } from '../../support/heap.ts';
import { Notes } from './notes.ts';
import { Scene } from './scene.ts';

const HEAP_MS = 10_000;

const [folder, path, seed, first, waiting] = process.argv.slice(2) as [
  string,
  string,
  string,
  string,
  string,
];
const notes = new Notes(path);
const scene = new Scene({
  broker: { url: `file:${folder}` },
  isDurable: true,
  seed: Number(seed),
  first: Number(first),
  waiting: Number(waiting),
  note: (happening) => notes.note(happening),
  killsBroker: true,
});
process.on('message', () => void end());
process.send?.({ opens: folder });
await scene.start();
const looking = setInterval(() => {
  void heapInUse().then((heap) => process.send?.({ heap }));
}, HEAP_MS);

async function end(): Promise<void> {
  clearInterval(looking);
  await scene.drain();
  await scene.system.shutdown();
  notes.close();
  process.send?.({ heap: await heapInUse() });
  process.disconnect();
}
