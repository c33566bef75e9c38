/** Declarations: which objects and values of the database a change says it alters. Whatever else differs on green is a mismatch. */
import { dotted } from './effects';

/** One object, or a family of objects, that a statement of a change creates, alters, drops or rewrites. */
export type Declaration =
  /** The table or view and everything that hangs on it. */
  | { readonly kind: 'relation'; readonly schema?: string; readonly name: string }
  | { readonly kind: 'column'; readonly schema?: string; readonly table: string; readonly name: string }
  /** Something that hangs on a table; without a name, one that the server names. A sequence is one that a column owns. */
  | {
      readonly kind: 'part';
      readonly schema?: string;
      readonly table: string;
      readonly part: 'constraint' | 'index' | 'trigger' | 'policy' | 'sequence';
      readonly name?: string;
    }
  /** An index or sequence, where the statement does not name the table. */
  | { readonly kind: 'index' | 'sequence'; readonly schema?: string; readonly name: string }
  /** The table's or view's own options and grants, without what hangs on it. */
  | { readonly kind: 'table'; readonly schema?: string; readonly name: string }
  | { readonly kind: 'routine' | 'type' | 'schema' | 'extension'; readonly schema?: string; readonly name: string }
  /** The options and grants of everything of that kind in a schema. */
  | { readonly kind: 'all'; readonly objects: 'table' | 'sequence' | 'routine'; readonly schema: string }
  /** The values of a column change for rows that exist. */
  | { readonly kind: 'values'; readonly schema?: string; readonly table: string; readonly column: string }
  /** Rows of the table come or go. */
  | { readonly kind: 'rows'; readonly schema?: string; readonly table: string };

/** An object of the database, as the catalog names it. */
export interface ObjectName {
  readonly kind:
    | 'table'
    | 'view'
    | 'column'
    | 'constraint'
    | 'index'
    | 'trigger'
    | 'policy'
    | 'sequence'
    | 'routine'
    | 'type'
    | 'schema'
    | 'extension';
  readonly schema: string;
  /** The table a column, constraint, index, trigger, policy or owned sequence belongs to. */
  readonly table?: string;
  readonly name: string;
  /** Of a table, or of what belongs to one: the tables it is a partition or child of, directly or not. */
  readonly ancestors?: readonly TableName[];
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
      return object.kind === 'column' && object.table === declaration.table && object.name === declaration.name;
    case 'part':
      return (
        object.table === declaration.table &&
        object.kind === declaration.part &&
        (declaration.name === undefined || declaration.name === object.name)
      );
    case 'table':
      return (object.kind === 'table' || object.kind === 'view') && object.name === declaration.name;
    case 'all':
      return object.kind === declaration.objects || (declaration.objects === 'table' && object.kind === 'view');
    case 'schema':
    case 'extension':
    case 'index':
    case 'sequence':
    case 'routine':
    case 'type':
      return object.kind === declaration.kind && object.name === declaration.name;
    case 'values':
    case 'rows':
      return false;
  }
}
