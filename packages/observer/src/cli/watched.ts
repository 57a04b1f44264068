/** What `top` knows of a program: told over the stream of its page. */

import { Model } from '../model/model.ts';
import type { Finding, Happening } from '../terms/happening.ts';
import { fromPlain } from '../terms/plain.ts';
import { PROTOCOL, type SystemFrame } from '../terms/wire.ts';

export class Watched {
  model = new Model();
  name = '';
  client = '';
  startedAt = 0;
  findings: readonly Finding[] = [];
  state: 'connecting' | 'live' | 'ended' = 'connecting';
  /** Why it ended. */
  why = '';
  frames = 0;

  /** @throws Error for another version of the protocol. */
  take(told: {
    readonly v: number;
    readonly kind: string;
    readonly at: number;
    readonly [field: string]: unknown;
  }): void {
    if (told.v !== PROTOCOL)
      throw new Error(
        `The program speaks version ${told.v} of the protocol, and this is version ${PROTOCOL}: use the same version of @beamish/observer`,
      );
    switch (told.kind) {
      case 'hello': {
        const program = told['program'] as { readonly name: string; readonly startedAt?: number };
        if (this.state !== 'live') this.model = new Model();
        this.state = 'live';
        this.name = program.name;
        this.client = String(told['client']);
        this.startedAt = program.startedAt ?? told.at;
        break;
      }
      case 'frame':
        for (const frame of told['systems'] as readonly SystemFrame[]) this.model.apply(frame);
        this.model.forget(told.at);
        this.frames++;
        break;
      case 'happened':
        for (const event of told['events'] as readonly unknown[])
          this.model.heard(this.#plain(event) as Happening);
        break;
      case 'reports':
        this.findings = this.#plain(told['findings']) as Finding[];
        break;
      case 'end':
        this.state = 'ended';
        this.why = told['reason'] === 'shutdown' ? 'ended' : 'closed';
        break;
    }
  }

  #plain(value: unknown): unknown {
    return fromPlain(value, (text) => this.model.pid(text));
  }
}
