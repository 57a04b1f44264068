/**
 * Tries the packages as those who install them have them: packed, installed by npm from the tarballs,
 * compiled by the compilers and run on the runtimes that they are for, in a browser's page and its worker.
 *
 *     npm run published [-- "node 24" bun chromium …]      on these, or on all
 */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packages, ROOT } from '../../scripts/workspace.mjs';
import { printedInBrowser } from './browser.mjs';
import { Consumer, call } from './consumer.mjs';
import { printedOn, RUNTIMES, testedOn } from './runtimes.mjs';

const readme = readFileSync(join(ROOT, 'README.md'), 'utf8');
const [, firstProgram = ''] = /^```ts\n(.*?)^```$/ms.exec(readme) ?? [];
/** Its programs that are to be saved, with the names that it gives them and what it says that they print. */
const SAVED = /^```ts\n((?:(?!^```)[\s\S])*)^```\n\n.*[Ss]ave it as `(.*?)`/gm;
/** What each prints. */
const PRINTED = { first: '42', supervision: ours('published/supervision.txt').trimEnd() };
const THREADS = { threads: '36 37 2' };
/** Without Node's types, as in a browser; and with them. */
const ANYWHERE = { types: [], lib: ['es2022', 'esnext.disposable', 'dom'] };
const ON_NODE = { types: ['node'] };

const meant = process.argv.slice(2).filter((arg) => arg !== '--');
const isMeant = (/** @type {string} */ name) => meant.length === 0 || meant.includes(name);
let failures = 0;
const consumer = new Consumer();
try {
  await check('packed, and installed by npm', '', () => consumer.install());
  await check('the tarballs have what belongs there', '', () => consumer.strays().join('\n'));
  await check('each is loaded without the packages that it can do without', '', () =>
    packages()
      .map(({ name }) =>
        call(process.execPath, ['-e', `import(${JSON.stringify(name)})`], consumer.folder),
      )
      .join(''),
  );
  await check('the command of the observer says what it does', 'beamish-observer', () =>
    call('npx', ['beamish-observer', '--help'], consumer.folder).slice(0, 16),
  );
  consumer.write({
    'first.ts': firstProgram,
    'supervision.ts': ours('published/supervision.ts'),
    'crash.ts': ours('published/crash.ts'),
    'threads.ts': ours('threads/program.ts'),
    'kit.test.ts': ours('published/kit.ts'),
  });
  for (const version of ['5.9', '6.0', '7.0']) {
    await check(`compiled by TypeScript ${version}, for anywhere and for Node`, '', () => {
      consumer.compile(version, ['first.ts', 'supervision.ts', 'crash.ts'], ANYWHERE);
      consumer.compile(
        version,
        ['first.ts', 'supervision.ts', 'threads.ts', 'kit.test.ts'],
        ON_NODE,
      );
    });
  }
  for (const maps of ['--no-enable-source-maps', '--enable-source-maps'])
    await check(`a report of a crash has the user's frames alone, ${maps}`, 'crasher', () =>
      crash(maps),
    );
  for (const [, program = '', file = ''] of readme.matchAll(SAVED)) {
    const [, printed = ''] = /console\.log\(.*\/\/ (.*)$/m.exec(program) ?? [];
    await check(`${file}, saved beside what npm init has written, by tsx`, printed, () =>
      consumer.printedWhereBegun(file, program).trimEnd(),
    );
  }
  await check('actors in threads, from TypeScript by tsx', THREADS.threads, () =>
    call(process.execPath, ['--import', 'tsx', 'threads.ts'], consumer.folder).trimEnd(),
  );
  for (const runtime of RUNTIMES.filter(({ name }) => isMeant(name))) {
    const programs = { ...PRINTED, ...(runtime.hasThreads ? THREADS : {}) };
    for (const [program, printed] of Object.entries(programs))
      await check(`${runtime.name}: ${program}`, printed, () =>
        printedOn(runtime, consumer.folder, `${program}.js`),
      );
    await check(`${runtime.name}: its test runner, with the test kit`, '', () =>
      testedOn(runtime, consumer.folder, 'kit.test.js'),
    );
  }
  for (const where of isMeant('chromium') ? /** @type {const} */ (['page', 'worker']) : [])
    for (const [program, printed] of Object.entries(PRINTED))
      await check(`chromium, ${where}: ${program}`, printed, () =>
        printedInBrowser(consumer.folder, `${program}.js`, where, printed.split('\n').length),
      );
} finally {
  consumer.remove();
}
process.exitCode = failures === 0 ? 0 : 1;

/**
 * @param {string} title
 * @param {string} expected what is to come of it
 * @param {() => string | void | Promise<string>} act
 */
async function check(title, expected, act) {
  let found;
  try {
    found = (await act()) ?? '';
  } catch (error) {
    found = String(error);
  }
  console.log(`${found === expected ? 'ok    ' : 'FAILED'}  ${title}`);
  if (found === expected) return;
  failures++;
  console.error(expected === '' ? found : `It came to:\n${found}\nand not to:\n${expected}`);
}

/**
 * The functions on the stack that the report of a crash shows.
 *
 * @param {string} maps
 */
function crash(maps) {
  // It is written to standard error; Node leaves a stack as it is when the program has ended well.
  const report = call('sh', ['-c', `"${process.execPath}" ${maps} crash.js 2>&1`], consumer.folder);
  const frames = report.split('\n').filter((line) => /^ +at /.test(line));
  const own = frames.filter((line) => /crash\.js:[0-9:]+\)$/.test(line));
  return own.length === frames.length
    ? own.map((line) => /at (?:Object\.)?(\w+)/.exec(line)?.[1] ?? line).join(' ')
    : frames.join('\n');
}

/** @param {string} path */
function ours(path) {
  return readFileSync(join(ROOT, 'test', path), 'utf8');
}
