/** How a thread is: how busy, how late its event loop is, how large its heap. */

import { type IntervalHistogram, monitorEventLoopDelay, performance } from 'node:perf_hooks';
import { getHeapStatistics } from 'node:v8';

/** The monitor wakes up so often; what it was kept waiting beyond that is the delay. */
const RESOLUTION_MS = 10;

export interface Vital {
  readonly loopDelayMs: number;
  readonly busy: number;
  readonly heapBytes: number;
}

export class Vitals {
  #utilization = performance.eventLoopUtilization();
  #delay: IntervalHistogram | undefined;

  /** Since the last call. The first one begins to watch the event loop, which keeps nothing alive. */
  take(): Vital {
    const now = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(now, this.#utilization);
    this.#utilization = now;
    let loopDelayMs = 0;
    if (this.#delay === undefined) {
      this.#delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
      this.#delay.enable();
    } else {
      loopDelayMs = Math.max(0, this.#delay.max / 1e6 - RESOLUTION_MS);
      this.#delay.reset();
    }
    return {
      loopDelayMs: Math.round(loopDelayMs * 10) / 10,
      busy: Math.round((Number.isFinite(utilization) ? utilization : 0) * 1000) / 1000,
      heapBytes: getHeapStatistics().used_heap_size,
    };
  }

  close(): void {
    this.#delay?.disable();
    this.#delay = undefined;
  }
}
