/**
 * Writes the API reference of every package to docs/api, and counts what is documented: all that is
 * exported, and the members of exported interfaces and classes, have to be. `--check` only counts. Names of
 * packages restrict it to them.
 */

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Application, ReflectionKind } from 'typedoc';
import { entriesOf, packages, ROOT } from '../../scripts/workspace.mjs';

const API = join(ROOT, 'docs', 'api');
const OWNERS = ReflectionKind.Interface | ReflectionKind.Class;
const EXPORTS =
  OWNERS | ReflectionKind.TypeAlias | ReflectionKind.Function | ReflectionKind.Variable;
const MEMBERS = ReflectionKind.Property | ReflectionKind.Method | ReflectionKind.Accessor;

/** Entries for packages that stand on one another here, and for no program: any version may change them. */
const FOR_PACKAGES = ['@beamish/tasks/engine', '@beamish/amqp/connections'];

/** Packages that are not done with it, and how many may be missing until they are: never more. */
const UNFINISHED = /** @type {{ readonly [short: string]: number }} */ ({
  tasks: 150,
});

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { check: { type: 'boolean', default: false } },
});

let failures = 0;
for (const its of packages()) {
  if (positionals.length > 0 && !positionals.includes(its.short)) continue;
  const { app, project } = await read(its);
  if (!values.check) await app.generateOutputs(project);
  if (app.logger.hasErrors() || app.logger.hasWarnings()) failures++;
  const { all, missing } = documented(project);
  console.log(`${its.name}: ${all - missing.length} of ${all} documented`);
  const mostMissing = UNFINISHED[its.short] ?? 0;
  if (missing.length <= mostMissing) continue;
  for (const name of missing) console.error(`  not documented: ${name}`);
  failures++;
}
if (!values.check && positionals.length === 0) writeFileSync(join(API, 'README.md'), contents());
process.exitCode = failures === 0 ? 0 : 1;

function contents() {
  const lines = packages().map(
    ({ short, name, manifest }) => `- [${name}](${short}/README.md): ${manifest.description}`,
  );
  return `# API reference\n\n${lines.join('\n')}\n`;
}

/** @param {import('../../scripts/workspace.mjs').Package} its */
async function read(its) {
  const app = await Application.bootstrapWithPlugins({
    name: its.name,
    entryPoints: entriesOf(its)
      .filter(({ entry }) => !FOR_PACKAGES.includes(its.name + entry.slice(1)))
      .map(({ source }) => join(its.folder, source)),
    tsconfig: join(its.folder, 'tsconfig.json'),
    compilerOptions: { customConditions: ['beamish-source'] },
    // The compiler of the workspace has checked them.
    skipErrorChecking: true,
    excludePrivate: true,
    excludeInternal: true,
    excludeExternals: true,
    disableSources: true,
    readme: 'none',
    logLevel: 'Warn',
    plugin: ['typedoc-plugin-markdown'],
    outputs: [{ name: 'markdown', path: join(API, its.short) }],
    // A page for each module that can be imported.
    ...{ outputFileStrategy: 'modules', entryFileName: 'README', hidePageHeader: true },
    ...{
      useCodeBlocks: true,
      hideBreadcrumbs: true,
      expandParameters: true,
      parametersFormat: 'table',
    },
  });
  const project = await app.convert();
  if (project === undefined) throw new Error(`Cannot read ${its.name}`);
  const main = project.getChildByName('index');
  if (main !== undefined) main.name = its.short;
  for (const each of project.getReflectionsByKind(OWNERS))
    keepItsOwn(/** @type {import('typedoc').DeclarationReflection} */ (each));
  return { app, project };
}

/**
 * What every actor's self has is told once, where it is from.
 *
 * @param {import('typedoc').DeclarationReflection} owner
 */
function keepItsOwn(owner) {
  for (const member of [...(owner.children ?? [])])
    if (member.kindOf(MEMBERS) && !isItsOwn(member)) owner.project.removeReflection(member);
  if (owner.groups === undefined) return;
  const left = new Set(/** @type {readonly object[]} */ (owner.children ?? []));
  for (const group of owner.groups)
    group.children = group.children.filter((member) => left.has(member));
  owner.groups = owner.groups.filter(({ children }) => children.length > 0);
}

/** @param {import('typedoc').ProjectReflection} project */
function documented(project) {
  const found = project.getReflectionsByKind(EXPORTS).flatMap((each) => {
    const owner = /** @type {import('typedoc').DeclarationReflection} */ (each);
    const members = owner.kindOf(OWNERS) ? (owner.children ?? []) : [];
    return [owner, ...members.filter((member) => member.kindOf(MEMBERS))];
  });
  return {
    all: found.length,
    missing: found.filter((each) => !isDocumented(each)).map((each) => each.getFullName()),
  };
}

/**
 * Not of a class above it, and not a brand, under a symbol that nobody can name.
 *
 * @param {import('typedoc').DeclarationReflection} member
 */
function isItsOwn({ inheritedFrom, overwrites, name }) {
  return inheritedFrom === undefined && overwrites === undefined && !name.startsWith('[');
}

/** @param {import('typedoc').DeclarationReflection} each */
function isDocumented(each) {
  const signatures = [each.getSignature, ...(each.signatures ?? [])];
  return each.hasComment() || signatures.some((signature) => signature?.hasComment());
}
