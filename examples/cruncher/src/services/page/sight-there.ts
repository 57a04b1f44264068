// Who looks at the actors of another thread, for the page. It answers the port, and keeps nothing alive.

import type { ActorSystem } from 'beamish';
import { visit } from 'beamish/observation';
import { type Glance, glanceOf, type Port } from './sight.ts';

/** Where this is: as a source, or built. */
export const SIGHT_THERE = import.meta.url;

export function lookHere(system: ActorSystem, _nothing: unknown, port: Port): void {
  port.onmessage = () => {
    const seen: Glance[] = [];
    visit(system, (glimpse) => void seen.push(glanceOf(glimpse)));
    port.postMessage(seen);
  };
  port.unref?.();
}
