/** Declarations written as comments, for what a parser cannot see: statements inside functions, DO blocks, and triggers' effects. */
import { type Declaration, type Facet, NAMED_KINDS, type NamedKind, type PartKind } from '../../../core/declarations';
import { only } from './named-objects';

const COMMENT = /^[ \t]*--[ \t]*bluegreen:[ \t]*(.*)$/gim;

const FORMS =
  'values or column [schema.]table.column, rows or relation [schema.]table, constraint, trigger, rule or policy [schema.]table.name, setting name of role name or of the database, or any other object as the verdict names it; before it "owner of", "grants of" or "comment of" where only that differs';

export function annotatedDeclarations(
  sql: string,
): { readonly declarations: readonly Declaration[] } | { readonly problem: string } {
  const declarations: Declaration[] = [];
  for (const [, text = ''] of sql.matchAll(COMMENT)) {
    const [, named] = /^declares\s+(.+)$/.exec(text.trim()) ?? [];
    const declaration = named === undefined ? undefined : parseDeclaration(named);
    if (!declaration) {
      return {
        problem: `the comment "-- bluegreen: ${text.trim()}" is not understood; allowed after "-- bluegreen: declares": ${FORMS}`,
      };
    }
    declarations.push(declaration);
  }
  return { declarations };
}

function parseDeclaration(text: string): Declaration | undefined {
  const [, facet, target = text] = /^(owner|grants|comment)\s+of\s+(.+)$/.exec(text) ?? [];
  const [kind, names] = kindOf(target);
  const declared = kind === undefined ? undefined : parseTarget(kind, names);
  return declared && facet ? only([facet as Facet], [declared])[0] : declared;
}

/** Kinds that hang on a table, and those that are also found without its name. */
const PARTS: readonly string[] = ['constraint', 'trigger', 'rule', 'policy'] satisfies PartKind[];
const FOUND_WITHOUT: readonly string[] = ['index', 'sequence', 'statistics', 'publication'] satisfies PartKind[];
const RELATIONS = ['relation', 'table', 'view'];
const KINDS = [...RELATIONS, 'column', 'values', 'rows', 'setting', ...PARTS, ...NAMED_KINDS];

/** A kind may be of several words, one of which is a kind as well. */
function kindOf(text: string): [kind: string | undefined, names: string] {
  const [kind] = KINDS.filter((one) => text.startsWith(`${one} `)).sort((a, b) => b.length - a.length);
  return [kind, text.slice(kind?.length ?? 0).trim()];
}

function parseTarget(kind: string, names: string): Declaration | undefined {
  const [, path = '', types, role] = /^(.*?)\s*(\(.*\))?(?:\s+of\s+(.+))?$/.exec(names) ?? [];
  const of = types ?? role;
  const parts = kind === 'setting' || kind === 'parameter' ? [path.toLowerCase()] : path.split('.');
  if (parts.length > 3 || parts.some((part) => part === '')) {
    return undefined;
  }
  const [name = '', table, schema] = parts.reverse();
  const onTable = table !== undefined && { ...(schema !== undefined && { schema }), table };
  const inSchema = schema === undefined && { ...(table !== undefined && { schema: table }) };
  if (kind === 'column' || kind === 'values') {
    return onTable ? (kind === 'column' ? { kind, ...onTable, name } : { kind, ...onTable, column: name }) : undefined;
  }
  if (PARTS.includes(kind) || (FOUND_WITHOUT.includes(kind) && schema !== undefined)) {
    return onTable ? { kind: 'part', part: kind as PartKind, ...onTable, name } : undefined;
  }
  if (!inSchema) {
    return undefined;
  }
  if (kind === 'rows') {
    return { kind, ...inSchema, table: name };
  }
  return RELATIONS.includes(kind)
    ? { kind: 'relation', ...inSchema, name }
    : { kind: kind as NamedKind, ...inSchema, name, ...(of !== undefined && { of }) };
}
