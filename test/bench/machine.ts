/** Where and with what figures were taken; without it they say nothing. */

import { readFileSync } from 'node:fs';
import { arch, cpus, platform, totalmem } from 'node:os';
import { type Launch, versions } from './processes.ts';

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly platform: string;
  readonly node: string;
  readonly otp: string | undefined;
  /** Whether each process was bound to one core. */
  readonly bound: boolean;
}

export function machineOf({ node, core }: Launch, erlang: boolean): Machine {
  return {
    cpu: `${cpus()[0]?.model ?? 'unknown'}${variant()}`,
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    platform: `${platform()} ${arch()}`,
    ...versions(node, erlang),
    bound: core !== undefined,
  };
}

/** Family and model, where the system tells them: processors of one name may differ by a factor of two. */
function variant(): string {
  try {
    const text = readFileSync('/proc/cpuinfo', 'utf8');
    const [family, model] = ['cpu family', 'model'].map((key) =>
      new RegExp(`^${key}\\s*: (\\d+)$`, 'm').exec(text)?.at(1),
    );
    return family === undefined || model === undefined ? '' : ` (${family}.${model})`;
  } catch {
    return '';
  }
}

export function describeMachine({
  cpu,
  cores,
  memoryGiB,
  platform,
  node,
  otp,
  bound,
}: Machine): string {
  return [
    `${cpu}, ${cores} cores, ${memoryGiB} GiB, ${platform}`,
    bound ? 'each process on one core' : 'not bound to a core',
    `Node ${node.replace(/^v/, '')}`,
    otp ?? 'no Erlang',
  ].join('; ');
}
