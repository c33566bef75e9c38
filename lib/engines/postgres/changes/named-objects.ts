/** Which object a statement names whose grammar is the same for every kind: COMMENT, DROP, RENAME, ALTER … OWNER and GRANT. */
import type { Declaration, Facet, NamedKind, PartKind } from '../../../core/declarations';
import { qualified, strings, type Tree } from './parse-tree';

const KINDS: Readonly<Record<string, NamedKind>> = {
  OBJECT_INDEX: 'index',
  OBJECT_SEQUENCE: 'sequence',
  OBJECT_STATISTIC_EXT: 'statistics',
  OBJECT_FUNCTION: 'routine',
  OBJECT_PROCEDURE: 'routine',
  OBJECT_ROUTINE: 'routine',
  OBJECT_AGGREGATE: 'routine',
  OBJECT_TYPE: 'type',
  OBJECT_DOMAIN: 'type',
  OBJECT_COLLATION: 'collation',
  OBJECT_OPERATOR: 'operator',
  OBJECT_TSCONFIGURATION: 'text search configuration',
  OBJECT_TSDICTIONARY: 'text search dictionary',
};

/** Kinds that lie in no schema. */
const WITHOUT_SCHEMA: Readonly<Record<string, NamedKind>> = {
  OBJECT_SCHEMA: 'schema',
  OBJECT_EXTENSION: 'extension',
  OBJECT_EVENT_TRIGGER: 'event trigger',
  OBJECT_PUBLICATION: 'publication',
  OBJECT_FOREIGN_SERVER: 'server',
  OBJECT_ROLE: 'role',
};

const PARTS: Readonly<Record<string, PartKind>> = {
  OBJECT_TABCONSTRAINT: 'constraint',
  OBJECT_TRIGGER: 'trigger',
  OBJECT_RULE: 'rule',
  OBJECT_POLICY: 'policy',
};

const RELATIONS = ['OBJECT_TABLE', 'OBJECT_VIEW', 'OBJECT_MATVIEW', 'OBJECT_FOREIGN_TABLE'];

/** The object as a whole; nothing for a kind that is not compared. */
export function namedObject(type: string, node: Tree): Declaration[] {
  const part = PARTS[type];
  const kind = KINDS[type];
  const withoutSchema = WITHOUT_SCHEMA[type];
  const names = strings(node?.List?.items ?? node?.ObjectWithArgs?.objname ?? node?.TypeName?.names ?? [node]);
  if (RELATIONS.includes(type)) {
    return [{ kind: 'relation', ...nameOf(names) }];
  }
  if (part || type === 'OBJECT_COLUMN') {
    const { name: table, ...schema } = nameOf(names.slice(0, -1));
    const name = names.at(-1) ?? '';
    return [part ? { kind: 'part', part, ...schema, table, name } : { kind: 'column', ...schema, table, name }];
  }
  if (type === 'OBJECT_DOMCONSTRAINT') {
    return [{ kind: 'type', ...qualified(node.List.items[0].TypeName.names) }];
  }
  if (type === 'OBJECT_CAST') {
    const [source, target] = node.List.items.map(({ TypeName }: Tree) => TypeName);
    return [castBetween(source, target)];
  }
  if (type === 'OBJECT_DATABASE') {
    return [{ kind: 'database', name: 'itself' }];
  }
  if (withoutSchema) {
    return [{ kind: withoutSchema, name: names.at(-1) ?? '' }];
  }
  return kind ? [{ kind, ...nameOf(names) }] : [];
}

/** The same object, of which the statement alters no more than this. */
export function only(facets: readonly Facet[], declarations: readonly Declaration[]): Declaration[] {
  return declarations.map((declaration) => ({
    ...(declaration.kind === 'relation' ? { ...declaration, kind: 'table' as const } : declaration),
    only: facets,
  }));
}

/** A new owner takes over the grants of the old one. */
export const BY_OWNER: readonly Facet[] = ['owner', 'grants'];

/** Types by their bare names: the parser calls an integer what the catalog does. */
export function castBetween(source: Tree, target: Tree): Declaration {
  return { kind: 'cast', name: `${qualified(source.names).name} as ${qualified(target.names).name}` };
}

function nameOf(names: readonly string[]): { schema?: string; name: string } {
  const schema = names.at(-2);
  return { ...(schema !== undefined && { schema }), name: names.at(-1) ?? '' };
}
