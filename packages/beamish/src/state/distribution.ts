/** What a system knows of others; made when first it is connected to one. */

import type { ExitReason } from '../terms/exit-reason.ts';
import type { AnyBody } from '../terms/spawnable.ts';
import type { IdentityMap } from './identity-map.ts';
import type { Code, Peer } from './peer.ts';
import { ReservedPids } from './reserved-pids.ts';

export class Distribution {
  readonly peers = new Map<string, Peer>();
  /** Ends the connection to a peer, by its name. */
  readonly endings = new Map<string, (reason: ExitReason) => void>();
  readonly identities: IdentityMap;
  /** Finds a body by its address: at once, if its module is there already. */
  readonly load: (code: Code) => AnyBody | Promise<AnyBody>;
  /** Actors that another system is to spawn here. */
  readonly reserved = new ReservedPids();
  /** Who has something to send at the end of the slice. */
  readonly unsent: Peer[] = [];
  /** Crowds of actors of this system of which others have been told. */
  readonly pressures = new Set<{ tellRoom(): void }>();
  /** Who is to hear that the system begins to shut down. */
  readonly beginsToClose: (() => void)[] = [];
  /** What is to be done once the system has shut down. */
  readonly closing: (() => Promise<void>)[] = [];
  /** When what came from others was last left to a turn of the event loop. */
  turnedAt = Number.NEGATIVE_INFINITY;

  constructor(identities: IdentityMap, load: (code: Code) => AnyBody | Promise<AnyBody>) {
    this.identities = identities;
    this.load = load;
  }

  /** At the end of a slice. */
  flush(): void {
    for (const backPressure of this.pressures) backPressure.tellRoom();
    for (let peer = this.unsent.pop(); peer !== undefined; peer = this.unsent.pop()) peer.flush();
  }
}
