/**
 * PRM-07. The prime service over HTTP: requests per second and the time to SUCCESS of small numbers over 64 connections, idle
 * and while a trial division runs on every thread. node --import tsx test/bench/prime.ts [SECONDS]
 */

import { Agent, request } from 'node:http';
import { Program } from '../prime/program.ts';
import { describeMachine, machineOf } from './machine.ts';

const CONNECTIONS = 64;
const SLOW = '18446744073709551557';
const seconds = Number(process.argv[2] ?? 5);

await using program = await Program.started();
const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });

function asked(method: string, path: string, body?: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const its = request(`${program.url}${path}`, { method, agent }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part: string) => {
        text += part;
      });
      response.on('end', () => resolve(text));
    });
    its.on('error', reject);
    its.end(body);
  });
}

async function measure(): Promise<{ posts: number[]; answers: number[] }> {
  const posts: number[] = [];
  const answers: number[] = [];
  const until = performance.now() + seconds * 1000;
  const client = async (): Promise<void> => {
    for (let n = 1; performance.now() < until; n++) {
      const began = performance.now();
      const { task_id } = JSON.parse(await asked('POST', '/', `{"number":${n}}`)) as {
        task_id: string;
      };
      posts.push(performance.now() - began);
      await asked('GET', `/${task_id}?wait=60`);
      answers.push(performance.now() - began);
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, client));
  return { posts, answers };
}

function quantile(times: readonly number[], part: number): string {
  const at = Math.floor((times.length - 1) * part);
  return ([...times].sort((a, b) => a - b)[at] as number).toFixed(1);
}

function line(what: string, { posts, answers }: Awaited<ReturnType<typeof measure>>): string {
  const rate = Math.round(answers.length / seconds);
  const ms = (times: readonly number[]) => `${quantile(times, 0.5)} (p99 ${quantile(times, 0.99)})`;
  return `| ${what} | ${rate} | ${ms(posts)} | ${ms(answers)} |`;
}

console.log(`${describeMachine(machineOf({ node: process.execPath, core: undefined }, false))}\n`);
console.log(
  `| ${CONNECTIONS} connections | questions/s | POST, ms | to SUCCESS, ms |\n| --- | --- | --- | --- |`,
);
await measure();
console.log(line('idle', await measure()));
for (let i = 0; i < 2; i++) await program.idOf(SLOW, 'trial');
console.log(line('while two trial divisions run', await measure()));
agent.destroy();
