/** Short names of actors in a diagram. */

import type { Pid } from 'beamish';

/** `p` and the serial; with the system's number before it where there are several. */
export function idsOf(pids: readonly Pid[]): (pid: Pid) => string {
  const systems = [...new Set(pids.map(systemOf))];
  return (pid) =>
    systems.length < 2 ? `p${pid.serial}` : `p${systems.indexOf(systemOf(pid))}_${pid.serial}`;
}

function systemOf(pid: Pid): string {
  return `${pid.system}@${pid.incarnation}`;
}
