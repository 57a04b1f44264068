/**
 * Calls that came again because who had them has ended, perhaps because of them. Each is put back with one more
 * counted, so that the count is kept whatever becomes of us; with too many it ends.
 */

import type { Definition } from '@beamish/tasks/engine';
import type { Self } from 'beamish';
import { copyOf } from '../messages/wire-message.ts';
import { billiardException } from '../terms/exception.ts';
import type { Wire } from '../wire/wire.ts';
import type { Endings } from './endings.ts';
import type { Job } from './job.ts';
import { reportQuarantined } from './reports.ts';

/** Header of a message that came again: how many processes, or threads, have ended with it. */
const CRASHES = 'x-beamish-crashes';
const DEFAULT_MAX_CRASHES = 3;

export class Suspects {
  readonly #self: Self;
  readonly #wire: Wire;
  readonly #endings: Endings;

  constructor(self: Self, wire: Wire, endings: Endings) {
    this.#self = self;
    this.#wire = wire;
    this.#endings = endings;
  }

  /** Of a task with these options; they are its own. */
  count(job: Job, definition: Definition | undefined): void {
    const { id, name } = job.call;
    const [delivery, ...copies] = job.deliveries;
    if (delivery === undefined) return;
    const before = delivery.headers[CRASHES];
    const crashes = (typeof before === 'number' ? before : 0) + 1;
    const most = definition?.options.maxCrashes ?? DEFAULT_MAX_CRASHES;
    if (most !== 'infinity' && crashes >= most) {
      reportQuarantined(this.#self, name, id, crashes);
      const why = `Worker exited prematurely: ${crashes} processes that ran it have ended`;
      const error = billiardException('WorkerLostError', why);
      return this.#endings.end(job, { kind: 'failed', error });
    }
    const copy = copyOf(delivery, { [CRASHES]: crashes });
    this.#wire.publish({ exchange: '', key: delivery.queue }, copy).then(
      () => {
        for (const each of [delivery, ...copies]) this.#wire.ack(each);
      },
      () => this.#wire.giveBack(delivery),
    );
  }
}
