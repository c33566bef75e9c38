/** Departures: where a change leads green's tables away from blue's, as far as it matters to rows that flow back. */
import type { Change } from '../../../core/changes';
import type {
  RelationKind,
  ReplicaIdentity,
  ReplicatedColumn,
  ReplicatedTable,
  RowRule,
} from '../replication/replicated-table';
import type { ColumnType, TypeReference } from './column-type';
import type { Using } from './conversions';

/** A table as a statement names it; without a schema it may be in any. */
interface Named {
  readonly schema?: string;
  readonly table: string;
}

/** A column that a statement makes. */
export type NewColumn = Omit<ReplicatedColumn, 'number'>;

export type Departure =
  | (Named & {
      readonly kind: 'relation-created';
      readonly relation: RelationKind;
      readonly columns: readonly NewColumn[];
      readonly partitionOf?: Named;
    })
  | (Named & { readonly kind: 'table-dropped' })
  | (Named & { readonly kind: 'table-renamed' | 'table-moved'; readonly to: string })
  | (Named & { readonly kind: 'partition-attached'; readonly partitionOf: Named })
  | { readonly kind: 'schema-renamed'; readonly schema: string; readonly to: string }
  | (Named & { readonly kind: 'column-added'; readonly column: NewColumn })
  | (Named & { readonly kind: 'column-dropped'; readonly name: string })
  | (Named & { readonly kind: 'column-renamed'; readonly name: string; readonly to: string })
  | (Named & {
      readonly kind: 'column-retyped';
      readonly name: string;
      readonly type: string;
      readonly to: TypeReference;
      /** Absent where an expression computes the new values. */
      readonly using?: Using;
      /** It is given a collation that may take different texts for equal. */
      readonly collated: boolean;
      /** What the type holds, once that is known. */
      readonly content?: ColumnType;
    })
  | (Named & { readonly kind: 'column-constrained'; readonly name: string; readonly notNull: boolean })
  /** A key made of an index that is there already is given by that index's name. */
  | (Named & {
      readonly kind: 'key-added';
      readonly key: 'unique' | 'primary';
      readonly name?: string;
      readonly columns: readonly string[] | { readonly index: string };
    })
  | (Named & { readonly kind: 'constraint-dropped'; readonly name: string })
  | { readonly kind: 'index-dropped'; readonly schema?: string; readonly name: string }
  | (Named & { readonly kind: 'identity-set'; readonly identity: ReplicaIdentity })
  | {
      readonly kind: 'type-made';
      readonly schema?: string;
      readonly name: string;
      /** Of a domain, what it restricts. */
      readonly of: 'labels' | TypeReference;
    }
  | { readonly kind: 'label-added'; readonly schema?: string; readonly type: string; readonly label: string };

/** A change, as it says where it leads. */
export type DepartingChange = Pick<Change, 'file' | 'kind'> & { readonly departures: readonly Departure[] };

type Tables = readonly ReplicatedTable[];

/** The tables as they are after the departures, as far as statements say; what is there already is not made again. */
export function afterDepartures(tables: Tables, departures: readonly Departure[]): Tables {
  return departures.reduce(after, tables);
}

function after(tables: Tables, departure: Departure): Tables {
  switch (departure.kind) {
    case 'relation-created':
      return created(tables, departure);
    case 'table-dropped':
      return tables.filter((table) => !isNamed(departure, table));
    case 'table-renamed':
      return tables.map((table) => moved(table, (name) => isNamed(departure, name) && { name: departure.to }));
    case 'table-moved':
      return tables.map((table) => moved(table, (name) => isNamed(departure, name) && { schema: departure.to }));
    case 'schema-renamed':
      return tables.map((table) =>
        moved(table, ({ schema }) => schema === departure.schema && { schema: departure.to }),
      );
    case 'partition-attached':
      return tables.map((table) =>
        isNamed(departure, table) ? attached(tables, table, departure.partitionOf) : table,
      );
    case 'identity-set':
      return tables.map((table) => (isNamed(departure, table) ? { ...table, identity: departure.identity } : table));
    case 'index-dropped':
      return tables.map((table) =>
        departure.schema === undefined || departure.schema === table.schema
          ? { ...table, rules: table.rules.filter(({ name, key }) => !key || name !== departure.name) }
          : table,
      );
    case 'label-added':
      return tables.map((table) => ({ ...table, columns: table.columns.map((column) => labelled(column, departure)) }));
    case 'type-made':
      return tables;
    default:
      return tables.map((table) => (alters(departure, table) ? altered(tables, table, departure) : table));
  }
}

function isNamed({ schema, table }: Named, object: { schema: string; name: string }): boolean {
  return table === object.name && (schema === undefined || schema === object.schema);
}

/** What is done to a table is done to its partitions and children. */
export function alters(named: Named, table: ReplicatedTable): boolean {
  return [table, ...table.ancestors].some((one) => isNamed(named, one));
}

type NewName = (name: { schema: string; name: string }) => false | { schema?: string; name?: string };

function moved(table: ReplicatedTable, to: NewName): ReplicatedTable {
  return {
    ...table,
    ...to(table),
    ancestors: table.ancestors.map((ancestor) => ({ ...ancestor, ...to(ancestor) })),
  };
}

function created(tables: Tables, departure: Departure & { kind: 'relation-created' }): Tables {
  const { schema, table: name, relation, columns, partitionOf } = departure;
  if (tables.some((table) => isNamed(departure, table))) {
    return tables;
  }
  const parent = partitionOf && tables.find((table) => isNamed(partitionOf, table));
  const table: ReplicatedTable = {
    id: `made by a change: ${schema ?? ''}.${name}`,
    kind: relation,
    schema: schema ?? parent?.schema ?? 'public',
    name,
    partition: false,
    ancestors: [],
    identity: 'default',
    columns: parent ? parent.columns : columns.map((column, index) => ({ ...column, number: -1 - index })),
    rules: parent ? parent.rules : [],
  };
  return [...tables, partitionOf ? attached(tables, table, partitionOf) : table];
}

function attached(tables: Tables, table: ReplicatedTable, partitionOf: Named): ReplicatedTable {
  const parent = tables.find((one) => isNamed(partitionOf, one));
  return parent
    ? { ...table, partition: true, ancestors: [{ schema: parent.schema, name: parent.name }, ...parent.ancestors] }
    : table;
}

function labelled(column: ReplicatedColumn, { schema, type, label }: Departure & { kind: 'label-added' }) {
  const { enumerated } = column;
  return enumerated && isNamed({ table: type, ...(schema !== undefined && { schema }) }, enumerated)
    ? { ...column, enumerated: { ...enumerated, labels: [...enumerated.labels, label] } }
    : column;
}

type Alteration = Extract<
  Departure,
  { kind: `column-${string}` } | { kind: 'key-added' } | { kind: 'constraint-dropped' }
>;

function altered(tables: Tables, table: ReplicatedTable, departure: Alteration): ReplicatedTable {
  const { columns, rules } = table;
  const mapColumn = (alter: (column: ReplicatedColumn) => ReplicatedColumn) =>
    columns.map((column) => ('name' in departure && column.name === departure.name ? alter(column) : column));
  switch (departure.kind) {
    case 'column-added':
      return columns.some(({ name }) => name === departure.column.name)
        ? table
        : { ...table, columns: [...columns, { ...departure.column, number: unusedNumber(columns) }] };
    case 'column-dropped':
      return {
        ...table,
        columns: columns.filter(({ name }) => name !== departure.name),
        rules: rules.filter((rule) => !rule.columns.includes(departure.name)),
      };
    case 'column-renamed':
      return {
        ...table,
        columns: mapColumn((column) => ({ ...column, name: departure.to })),
        rules: rules.map((rule) => ({
          ...rule,
          columns: rule.columns.map((name) => (name === departure.name ? departure.to : name)),
        })),
      };
    case 'column-retyped':
      return {
        ...table,
        columns: mapColumn(({ enumerated: _labels, content: _former, ...column }) => ({
          ...column,
          type: departure.type,
          ...(departure.content && { content: departure.content }),
        })),
      };
    case 'column-constrained':
      return { ...table, columns: mapColumn((column) => ({ ...column, notNull: departure.notNull })) };
    case 'key-added':
      return withKey(table, departure);
    case 'constraint-dropped':
      return { ...table, rules: rules.filter((rule) => !isDropped(rule, table, tables, departure)) };
  }
}

/** Columns of blue have positive numbers, so that none of a change's can be taken for one of them. */
function unusedNumber(columns: readonly ReplicatedColumn[]): number {
  return Math.min(0, ...columns.map(({ number }) => number)) - 1;
}

function withKey(table: ReplicatedTable, { key, name, columns }: Departure & { kind: 'key-added' }): ReplicatedTable {
  const index = 'index' in columns ? columns.index : undefined;
  const made = table.rules.find((rule) => rule.key && rule.name === index);
  const keyColumns = 'index' in columns ? (made?.columns ?? []) : columns;
  const rule: RowRule = {
    name: name ?? index ?? '',
    definition: made?.definition ?? `key (${keyColumns.join(', ')})`,
    columns: keyColumns,
    key,
  };
  return {
    ...table,
    rules: [...table.rules.filter((other) => other !== made), rule],
    columns: table.columns.map((column) =>
      key === 'primary' && keyColumns.includes(column.name) ? { ...column, notNull: true } : column,
    ),
  };
}

/** A partition's part of a key has a name of its own, but the same definition. */
function isDropped(
  rule: RowRule,
  table: ReplicatedTable,
  tables: Tables,
  departure: Departure & { kind: 'constraint-dropped' },
): boolean {
  if (isNamed(departure, table)) {
    return rule.name === departure.name;
  }
  const dropped = tables
    .filter((one) => isNamed(departure, one))
    .flatMap(({ rules }) => rules.filter(({ name }) => name === departure.name));
  return dropped.some(({ definition }) => definition === rule.definition);
}
