/** Process groups. */

import {
  type Group,
  type GroupChange,
  group,
  groups,
  type Message,
  type Pid,
  type Ref,
} from 'beamish';
import { handleOf } from '../../support/puppet.ts';
import type { Puppet, Stage } from '../stage.ts';

const G = group<Message>('g');
const H = group<Message>('h');

type Member = Puppet & Pid<Message>;

async function member(stage: Stage, label: string): Promise<Member> {
  return (await stage.actor(label)) as Member;
}

function members(stage: Stage, of: Group<Message>): void {
  const labels = groups.members(stage.system, of).map((pid) => stage.labelOf(pid));
  stage.say(of.group, 'has', [labels.length, ...labels.toSorted()]);
}

/** What a monitor has been told. */
async function told(stage: Stage, watcher: Puppet, ref: Ref): Promise<void> {
  for (const message of await handleOf(stage.system, watcher).mail()) {
    const news = message as unknown as GroupChange;
    if (news.ref === ref) stage.say('told of', news.change, news.group.group, news.pids);
  }
}

export async function joinsAndLeaves(stage: Stage): Promise<void> {
  const { system } = stage;
  const [a, b] = [await member(stage, 'a'), await member(stage, 'b')];
  groups.join(system, G, a);
  groups.join(system, G, [a, b]);
  members(stage, G);
  for (let i = 0; i < 3; i++) {
    stage.say(groups.leave(system, G, a));
    members(stage, G);
  }
  stage.say(groups.leave(system, G, [a, b]));
  members(stage, G);
}

export async function notJoined(stage: Stage): Promise<void> {
  const { system } = stage;
  const [a, b] = [await member(stage, 'a'), await member(stage, 'b')];
  groups.join(system, G, a);
  stage.say(groups.leave(system, G, b));
  stage.say(groups.leave(system, group<Message>('none'), a));
  members(stage, group('none'));
  members(stage, G);
}

export async function theDead(stage: Stage): Promise<void> {
  const { system } = stage;
  const [a, b] = [await member(stage, 'a'), await member(stage, 'b')];
  groups.join(system, G, [a, a]);
  groups.join(system, H, [a, b]);
  await stage.does(a, (self) => self.exit('bye'));
  members(stage, G);
  members(stage, H);
  groups.join(system, G, a);
  members(stage, G);
  stage.say(groups.which(system));
}

export async function scopes(stage: Stage): Promise<void> {
  const { system } = stage;
  const other = group<Message>('g', 'other');
  const a = await member(stage, 'a');
  groups.join(system, G, a);
  members(stage, other);
  groups.join(system, other, a);
  groups.leave(system, G, a);
  members(stage, G);
  members(stage, other);
}

export async function monitored(stage: Stage): Promise<void> {
  const { system } = stage;
  const [a, b] = [await member(stage, 'a'), await member(stage, 'b')];
  const watcher = await stage.actor('watcher');
  groups.join(system, G, a);
  const { ref } = await stage.does(watcher, (self) => groups.monitor(self, G));
  groups.join(system, G, [b, b]);
  groups.join(system, H, b);
  groups.leave(system, G, b);
  await stage.does(a, (self) => self.exit('bye'));
  await stage.does(b, (self) => self.exit('bye'));
  await told(stage, watcher, ref);
}

export async function demonitored(stage: Stage): Promise<void> {
  const a = await member(stage, 'a');
  const watcher = await stage.actor('watcher');
  const { ref } = await stage.does(watcher, (self) => groups.monitor(self, G));
  for (let i = 0; i < 2; i++)
    stage.say(await stage.does(watcher, (self) => groups.demonitor(self, ref)));
  groups.join(stage.system, G, a);
  await told(stage, watcher, ref);
}
