/** Blue's objects against green's: what differs without a change that declares it, in words a DBA can act on. */
import { declares, type Facet, facetOf, type ObjectName } from './declarations';
import type { DeclaredBy, Fact, Facts, SchemaObject } from './schema';
import type { Mismatch } from './verdict';

/** A verdict travels in a state's payload. */
const LONGEST_MESSAGE = 500;
const LONGEST_VALUE = 80;

interface Objects {
  readonly objects: readonly SchemaObject[];
}

/** Green must differ from blue in what the changes declare and in nothing else. */
export function compareSchemas(blue: Objects, green: Objects, declared: readonly DeclaredBy[]): Mismatch[] {
  const before = new Map(blue.objects.map((object) => [objectKey(object), object]));
  const after = new Map(green.objects.map((object) => [objectKey(object), object]));
  const lone = new Set<string>();
  const found = [...new Set([...before.keys(), ...after.keys()])].flatMap((key) => {
    const was = before.get(key);
    const is = after.get(key);
    const message = describeDifference(was, is, declaredFacets([was, is], declared));
    const object = was ?? is;
    if (!object || message === undefined) {
      return [];
    }
    if (!was || !is) {
      lone.add(tableOf(object));
    }
    return [{ object, message }];
  });
  return found
    .filter(
      ({ object }) =>
        object.table === undefined || !lone.has(tableOf({ ...object, name: object.table, kind: 'table' })),
    )
    .map(({ object, message }) => ({
      kind: 'schema',
      object: describeObject(object),
      message: shortened(message, LONGEST_MESSAGE),
    }));
}

/** What hangs on a table or view that one side lacks need not be told as well. */
function tableOf({ kind, schema, name }: ObjectName): string {
  return kind === 'table' || kind === 'view' ? JSON.stringify([schema, name]) : '';
}

/** Which facets of the object may differ; `all` where it may also come or go. */
function declaredFacets(
  sides: readonly (SchemaObject | undefined)[],
  declared: readonly DeclaredBy[],
): ReadonlySet<Facet | 'all'> {
  const reaching = declared.filter(({ declaration }) =>
    sides.some((object) => object && declares(declaration, object)),
  );
  return new Set(reaching.flatMap(({ declaration }): readonly (Facet | 'all')[] => declaration.only ?? ['all']));
}

function describeDifference(
  was: SchemaObject | undefined,
  is: SchemaObject | undefined,
  may: ReadonlySet<Facet | 'all'>,
): string | undefined {
  if (may.has('all')) {
    return undefined;
  }
  if (!was || !is) {
    const about = summary((was ?? is)?.facts ?? {});
    return was
      ? `green lacks it${about}, and no change declares that`
      : `only green has it${about}, and no change declares it`;
  }
  const differences = [
    ...differing(was.facts, is.facts, may).map((name) => describeFact(name, was.facts[name], is.facts[name])),
    ...differing(was.hidden ?? {}, is.hidden ?? {}, may).map((name) => `${name} differs (its values are not shown)`),
  ];
  return differences.length > 0 ? `${differences.join('; ')}; no change declares that` : undefined;
}

function differing(was: Facts, is: Facts, may: ReadonlySet<Facet | 'all'>): string[] {
  return [...new Set([...Object.keys(was), ...Object.keys(is)])].filter(
    (name) => !may.has(facetOf(name)) && JSON.stringify(was[name]) !== JSON.stringify(is[name]),
  );
}

function describeFact(name: string, was: Fact | undefined, is: Fact | undefined): string {
  if (Array.isArray(was) || Array.isArray(is)) {
    const [onBlue, onGreen] = [[was ?? []].flat(), [is ?? []].flat()];
    return `${name}: ${[...alone('blue', onBlue, onGreen), ...alone('green', onGreen, onBlue)].join(', ')}`;
  }
  const onBlue = String(was ?? '').split('\n');
  const onGreen = String(is ?? '').split('\n');
  const line = firstDifference(onBlue, onGreen);
  const where = onBlue.length + onGreen.length > 2 ? `, first in line ${line + 1},` : '';
  const [a = '', b = ''] = [onBlue[line], onGreen[line]];
  const at = firstDifference([...a], [...b]);
  return `${name}${where} is ${shown(a, at)} on blue and ${shown(b, at)} on green`;
}

function alone(side: string, these: readonly string[], others: readonly string[]): string[] {
  const only = these.filter((entry) => !others.includes(entry)).map((entry) => `"${entry}"`);
  return only.length > 0 ? [`only ${side} has ${only.join(', ')}`] : [];
}

function firstDifference(these: readonly string[], others: readonly string[]): number {
  const at = these.findIndex((one, index) => one !== others[index]);
  return at < 0 ? these.length : at;
}

/** The part of it in which it differs. */
function shown(value: string, at: number): string {
  if (value === '') {
    return 'nothing';
  }
  const from = value.length <= LONGEST_VALUE ? 0 : Math.max(0, Math.min(at - 20, value.length - LONGEST_VALUE));
  const part = value.slice(from, from + LONGEST_VALUE);
  return `"${from > 0 ? '…' : ''}${part}${from + part.length < value.length ? '…' : ''}"`;
}

function summary(facts: Facts): string {
  const words = Object.entries(facts)
    .filter(([name, value]) => facetOf(name) === 'definition' && value.length > 0)
    .map(([name, value]) => `${name}: ${shortened([value].flat().join(', ').replace(/\s+/g, ' '), LONGEST_VALUE)}`);
  return words.length > 0 ? ` (${shortened(words.join('; '), 300)})` : '';
}

function shortened(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most - 1)}…`;
}

/** Names may hold dots and blanks, so they are told apart in a form of their own. A sequence is the same one whatever column owns it. */
function objectKey({ kind, schema, table, name, of }: ObjectName): string {
  return JSON.stringify([kind, schema, kind === 'sequence' ? undefined : table, name, of]);
}

function describeObject({ kind, schema, table, name, of }: ObjectName): string {
  const path = [...(schema === '' ? [] : [schema]), ...(table === undefined ? [] : [table]), name].join('.');
  return `${kind} ${path}${of === undefined ? '' : of.startsWith('(') ? of : ` of ${of}`}`;
}
