/** Reads names out of the nodes of PostgreSQL's parse tree. */

/** A node of the parse tree: one key names its type. */
export type Node = Readonly<Record<string, unknown>>;

// biome-ignore lint/suspicious/noExplicitAny: parse trees are JSON whose shape each reader knows for its own statement
export type Tree = any;

interface RangeVar {
  schemaname?: string;
  relname: string;
}

export interface Relation {
  readonly schema?: string;
  readonly name: string;
}

export function relationOf({ schemaname, relname }: RangeVar): Relation {
  return { ...(schemaname !== undefined && { schema: schemaname }), name: relname };
}

export function on({ schema, name }: Relation): { schema?: string; table: string } {
  return { ...(schema !== undefined && { schema }), table: name };
}

export function qualified(names: readonly Tree[]): Relation {
  const parts = strings(names);
  const schema = parts.at(-2);
  return { ...(schema !== undefined && { schema }), name: parts.at(-1) ?? '' };
}

export function strings(nodes: readonly Tree[] | undefined): string[] {
  return (nodes ?? []).flatMap((node) => (typeof node?.String?.sval === 'string' ? [node.String.sval] : []));
}

/** Every node of a type, however deep. */
export function everyNode(tree: Tree, type: string): Tree[] {
  if (typeof tree !== 'object' || tree === null) {
    return [];
  }
  return Object.entries(tree as Record<string, Tree>).flatMap(([key, value]) => [
    ...(key === type ? [value] : []),
    ...everyNode(value, type),
  ]);
}
