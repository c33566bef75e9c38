/** Declarations: which objects and values of the database a change says it alters. Whatever else differs on green is a mismatch. */
import { dotted } from './effects';

/** What a statement alters of an object that it neither makes nor drops; the definition is what the others are not. */
export type Facet = 'definition' | 'owner' | 'grants' | 'comment';

/** One object, or a family of objects, that a statement of a change creates, alters, drops or rewrites. */
export type Declaration = Target & {
  /** The object stays, and keeps everything but this. */
  readonly only?: readonly Facet[];
};

type Target =
  /** The table or view and everything that hangs on it. */
  | { readonly kind: 'relation'; readonly schema?: string; readonly name: string }
  /** Without a name, any column of the table. */
  | { readonly kind: 'column'; readonly schema?: string; readonly table: string; readonly name?: string }
  /** Something that hangs on a table; without a name, one that the server names. A sequence is one that a column owns. */
  | {
      readonly kind: 'part';
      readonly schema?: string;
      readonly table: string;
      readonly part: PartKind;
      readonly name?: string;
    }
  /** The table or view itself, without what hangs on it. */
  | { readonly kind: 'table'; readonly schema?: string; readonly name: string }
  /** Something with a name of its own; a role with what it is a member of, its members and its settings. */
  | { readonly kind: NamedKind; readonly schema?: string; readonly name: string; readonly of?: string }
  /** One parameter, or all, of the role or database `of`. */
  | { readonly kind: 'setting'; readonly name?: string; readonly of?: string }
  /** Everything of that kind in a schema. */
  | { readonly kind: 'all'; readonly objects: 'table' | 'sequence' | 'routine'; readonly schema: string }
  /** The values of a column change for rows that exist. */
  | { readonly kind: 'values'; readonly schema?: string; readonly table: string; readonly column: string }
  /** Rows of the table come or go. */
  | { readonly kind: 'rows'; readonly schema?: string; readonly table: string };

export type PartKind =
  | 'constraint'
  | 'index'
  | 'trigger'
  | 'rule'
  | 'policy'
  | 'statistics'
  | 'publication'
  | 'sequence';

/** Kinds of objects a statement names without a table. */
export const NAMED_KINDS = [
  'index',
  'sequence',
  'statistics',
  'routine',
  'type',
  'schema',
  'extension',
  'collation',
  'operator',
  'cast',
  'text search configuration',
  'text search dictionary',
  'event trigger',
  'publication',
  'default privileges',
  'server',
  'user mapping',
  'database',
  'role',
  'membership',
  'parameter',
] as const;

export type NamedKind = (typeof NAMED_KINDS)[number];

/** An object of the database, as the catalog names it. */
export interface ObjectName {
  readonly kind: 'table' | 'view' | 'column' | 'setting' | PartKind | NamedKind;
  /** Empty for what lies in none. */
  readonly schema: string;
  /** The table a column, constraint, index or the like belongs to. */
  readonly table?: string;
  readonly name: string;
  /** What tells it from others of its name: types of arguments in brackets, or the role, user or database it is for. */
  readonly of?: string;
  /** Of a table, or of what belongs to one: the tables it is a partition or child of, directly or not. */
  readonly ancestors?: readonly TableName[];
}

export function facetOf(fact: string): Facet {
  return fact === 'owner' || fact === 'grants' || fact === 'comment' ? fact : 'definition';
}

export interface TableName {
  readonly schema: string;
  readonly name: string;
}

/**
 * Whether a declaration covers a difference in this object. A declaration without schema covers any schema.
 *
 * What is declared of a table reaches its partitions and children, where the server gives indexes and constraints names of its own.
 */
export function declares(declaration: Declaration, object: ObjectName): boolean {
  return (
    covers(declaration, object) ||
    (object.ancestors ?? []).some(({ schema, name }) =>
      covers(nameless(declaration), { ...object, schema, table: name }),
    )
  );
}

/** The tables that are declared about, and columns behind a dot, as the statement names them. */
export function touchedBy(declarations: readonly Declaration[]): string[] {
  const names = declarations.flatMap((declaration): (string | undefined)[][] => {
    const schema = 'schema' in declaration ? declaration.schema : undefined;
    switch (declaration.kind) {
      case 'relation':
      case 'table':
        return [[schema, declaration.name]];
      case 'column':
        return [[schema, declaration.table, declaration.name]];
      case 'values':
        return [[schema, declaration.table, declaration.column]];
      case 'part':
      case 'rows':
        return [[schema, declaration.table]];
      default:
        return [];
    }
  });
  return [...new Set(names.map((parts) => dotted(...parts)))];
}

function nameless(declaration: Declaration): Declaration {
  if (declaration.kind !== 'part') {
    return declaration;
  }
  const { name: _ofTheParent, ...rest } = declaration;
  return rest;
}

function covers(declaration: Declaration, object: ObjectName): boolean {
  if ('schema' in declaration && declaration.schema !== undefined && declaration.schema !== object.schema) {
    return false;
  }
  switch (declaration.kind) {
    case 'relation':
      return (
        object.table === declaration.name ||
        ((object.kind === 'table' || object.kind === 'view') && object.name === declaration.name)
      );
    case 'column':
    case 'part':
      return (
        object.table === declaration.table &&
        object.kind === (declaration.kind === 'part' ? declaration.part : 'column') &&
        (declaration.name === undefined || declaration.name === object.name)
      );
    case 'table':
      return (object.kind === 'table' || object.kind === 'view') && object.name === declaration.name;
    case 'all':
      return object.kind === declaration.objects || (declaration.objects === 'table' && object.kind === 'view');
    case 'role':
      return (object.kind === 'role' && object.name === declaration.name) || isOfRole(object, declaration);
    case 'values':
    case 'rows':
      return false;
    default:
      return (
        object.kind === declaration.kind &&
        (declaration.name === undefined || declaration.name === object.name) &&
        (declaration.of === undefined || declaration.of === object.of)
      );
  }
}

/** Memberships and settings come and go with their role. */
function isOfRole({ kind, name, of }: ObjectName, role: { name: string; only?: readonly Facet[] }): boolean {
  if (role.only) {
    return false;
  }
  return kind === 'membership'
    ? name === role.name || of === role.name
    : kind === 'setting' && (of === `role ${role.name}` || of === `role ${role.name} in the database`);
}
