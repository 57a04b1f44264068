/**
 * Writes what each package exports, types and all but no comments, to docs/surface: so that a change of what
 * others build on is seen where it is reviewed. Reads the declarations of the built packages. `--check`
 * writes nothing: it fails where they say something else.
 */

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { entriesOf, packages, ROOT } from '../../scripts/workspace.mjs';

const FOLDER = join(ROOT, 'docs', 'surface');
const isCheck = process.argv.includes('--check');
const printer = ts.createPrinter({ removeComments: true });

for (const its of packages()) {
  const path = join(FOLDER, `${its.short}.d.ts.txt`);
  const wanted = surfaceOf(its);
  const found = existsSync(path) ? readFileSync(path, 'utf8') : '';
  if (found === wanted) continue;
  if (!isCheck) {
    writeFileSync(path, wanted);
    continue;
  }
  process.exitCode = 1;
  console.error(
    `What ${its.name} exports is not what docs/surface says. If it is meant: npm run surface`,
  );
  for (const line of differences(found, wanted)) console.error(`  ${line}`);
}

/** @param {import('../../scripts/workspace.mjs').Package} its */
function surfaceOf(its) {
  const entries = entriesOf(its).map(({ entry, source }) => ({
    name: `${its.name}${entry.slice(1)}`,
    file: join(its.folder, 'dist', source.replace(/^src\//, '').replace(/\.ts$/, '.d.ts')),
  }));
  const program = ts.createProgram(
    entries.map(({ file }) => file),
    {
      module: ts.ModuleKind.NodeNext,
      target: ts.ScriptTarget.ES2023,
      strict: true,
      types: ['node'],
    },
  );
  const checker = program.getTypeChecker();
  return entries
    .map(({ name, file }) => {
      const source = program.getSourceFile(file);
      const module = source && checker.getSymbolAtLocation(source);
      if (module === undefined) throw new Error(`Cannot read ${file}: npm run build`);
      const exported = checker
        .getExportsOfModule(module)
        .sort((a, b) => (a.name < b.name ? -1 : 1))
        .map((symbol) => declared(checker, symbol));
      return `// ${name}\n\n${exported.join('\n\n')}\n`;
    })
    .join('\n');
}

/**
 * @param {ts.TypeChecker} checker
 * @param {ts.Symbol} symbol
 * @returns {string}
 */
function declared(checker, symbol) {
  const target = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
  if (
    target.flags & ts.SymbolFlags.Module &&
    target.valueDeclaration?.kind === ts.SyntaxKind.SourceFile
  ) {
    const inside = checker
      .getExportsOfModule(target)
      .sort((a, b) => (a.name < b.name ? -1 : 1))
      .map((each) => declared(checker, each));
    return `namespace ${symbol.name} {\n${inside.join('\n')}\n}`;
  }
  const texts = (target.declarations ?? []).map((node) => {
    const whole = ts.isVariableDeclaration(node) ? node.parent.parent : node;
    return printer.printNode(ts.EmitHint.Unspecified, whole, node.getSourceFile());
  });
  const named = target.name === symbol.name ? '' : `// as ${symbol.name}\n`;
  return named + [...new Set(texts)].join('\n').replace(/^export (declare )?/gm, '');
}

/**
 * Lines that are only in one of them.
 *
 * @param {string} found
 * @param {string} wanted
 */
function differences(found, wanted) {
  const [before, after] = [found.split('\n'), wanted.split('\n')];
  return [
    ...before.filter((line) => !after.includes(line)).map((line) => `- ${line}`),
    ...after.filter((line) => !before.includes(line)).map((line) => `+ ${line}`),
  ];
}
