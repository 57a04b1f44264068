/** Conway's game of life on a torus of 32 by 32: each cell is an actor that knows its eight neighbours. */

import { type Actor, ActorSystem, type Pid, type Self } from 'beamish';

const SIZE = 32;
const GENERATIONS = 128;
type Cell =
  | { tag: 'neighbours'; pids: readonly Pid<Cell>[] }
  | { tag: 'state'; generation: number; isAlive: boolean };
type Done = { tag: 'done'; place: number; isAlive: boolean };

/** Tells its neighbours how it is, and waits for all of them; what one that is ahead has told waits. */
function* cell(self: Self<Cell>, place: number, wasAlive: boolean, god: Pid<Done>): Actor {
  let isAlive = wasAlive;
  const { pids } = yield* self.receive('neighbours');
  for (let generation = 0; generation < GENERATIONS; generation++) {
    for (const pid of pids) self.send(pid, { tag: 'state', generation, isAlive });
    let count = 0;
    for (let heard = 0; heard < pids.length; heard++) {
      const its = yield* self.receive('state').where((it) => it.generation === generation);
      if (its.isAlive) count++;
    }
    isAlive = count === 3 || (isAlive && count === 2);
  }
  self.send(god, { tag: 'done', place, isAlive });
}

function* god(self: Self<Done>, first: ReadonlySet<number>): Actor<readonly number[]> {
  const cells = Array.from({ length: SIZE * SIZE }, (_, place) =>
    self.spawnLink(cell, place, first.has(place), self.pid),
  );
  for (const [place, pid] of cells.entries()) {
    const pids = neighboursOf(place).map((each) => cells[each] as Pid<Cell>);
    self.send(pid, { tag: 'neighbours', pids });
  }
  const alive: number[] = [];
  for (let done = 0; done < cells.length; done++) {
    const { place, isAlive } = yield* self.receive('done');
    if (isAlive) alive.push(place);
  }
  return alive.sort((a, b) => a - b);
}

const placeOf = (x: number, y: number): number => ((y + SIZE) % SIZE) * SIZE + ((x + SIZE) % SIZE);

function neighboursOf(place: number): readonly number[] {
  const [x, y] = [place % SIZE, Math.floor(place / SIZE)];
  return [-1, 0, 1]
    .flatMap((dy) => [-1, 0, 1].map((dx) => placeOf(x + dx, y + dy)))
    .filter((it) => it !== place);
}

await using system = new ActorSystem();
// A glider is one step further down and right after four generations, and at home after 128.
const glider = [1, 34, 64, 65, 66];
const alive = await system.run(god, new Set(glider));
console.log(
  `${SIZE * SIZE} cells, ${GENERATIONS} generations: the glider`,
  String(alive) === String(glider) ? 'is at home' : 'is lost',
);
