/**
 * The examples in docstrings run, and come to what they say: `expression; // 42` is an assertion. Those of
 * one file are one program, in which each sees what those above it have made; one with `yield*` at its
 * margin is the body of an actor. `system` is there, and what the package exports.
 */

import { readFileSync } from 'node:fs';
import * as beamish from 'beamish';
import * as testing from 'beamish/testing';
import { expect, test } from 'vitest';
import { printedBy } from './support/programs.ts';

/** Files of packages/beamish/src. */
const FILES = [
  'terms/group.ts',
  'otp/groups.ts',
  'otp/registry.ts',
  'otp/state-machine.ts',
  'otp/main.ts',
  'otp/pool.ts',
  'otp/streams.ts',
  'testing/virtual-clock.ts',
  'testing/test-system.ts',
];

test.each(FILES)('the examples of %s', (file) => {
  const examples = examplesIn(file);
  expect(examples.length).toBeGreaterThan(0);
  expect(printedBy(programOf(examples))).toBe('done\n');
});

/** The code in the comments of a file. */
function examplesIn(file: string): string[] {
  const text = readFileSync(new URL(`../packages/beamish/src/${file}`, import.meta.url), 'utf8');
  return [...text.matchAll(/^ *\* ```ts\n(.*?)^ *\* ```$/gms)].map(([, code]) =>
    (code as string).replace(/^ *\* ?/gm, ''),
  );
}

function programOf(examples: readonly string[]): string {
  return [
    "import assert from 'node:assert/strict';",
    "import * as beamish from 'beamish';",
    "import * as testing from 'beamish/testing';",
    `const { ${exportsIn(examples.join('\n')).join(', ')} } = { ...beamish, ...testing };`,
    "await using system = new ActorSystem({ log: 'off' });",
    ...examples
      .map(asserting)
      .map((code) =>
        /^[^ ].*yield\*/m.test(code) ? `await system.run(function* (self) {\n${code}\n});` : code,
      ),
    "console.log('done');",
  ].join('\n');
}

/** Which values of the package the examples use. */
function exportsIn(code: string): string[] {
  const used = [...Object.keys(beamish), ...Object.keys(testing)].filter((name) =>
    code.includes(name),
  );
  return [...new Set(['ActorSystem', ...used])];
}

function asserting(code: string): string {
  return code.replace(
    /^( *)(?:const (\w+) = )?(.*); \/\/ (.+)$/gm,
    (line, indent: string, name: string | undefined, expression: string, comment: string) => {
      if (!isLiteral(comment)) return line;
      const bound = name === undefined ? '' : `const ${name} = ${expression}; `;
      return `${indent}${bound}assert.deepEqual(${name ?? expression}, ${comment});`;
    },
  );
}

function isLiteral(comment: string): boolean {
  try {
    new Function(`return (${comment});`)();
    return true;
  } catch {
    // Words, and no value.
    return false;
  }
}
