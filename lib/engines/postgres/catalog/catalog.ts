/** Reads the schema of a database, and the roles of its instance, as lists of objects with facts in the server's own words. */
import type { TableName } from '../../../core/declarations';
import type { Fact, Facts, Schema, SchemaObject, TableFacts } from '../../../core/schema';
import type { Session } from '../session/session';
import { OTHER_OBJECTS } from './catalog-of-objects';
import { ROLES } from './catalog-of-roles';
import { OBJECTS_OF_TABLES } from './catalog-of-tables';
import { readTableFacts } from './table-facts';

/** Partitions and children, with every table above them. */
const ANCESTORS = `
  with recursive up (oid, ancestor) as (
    select inhrelid, inhparent from pg_inherits
    union select up.oid, i.inhparent from up join pg_inherits i on i.inhrelid = up.ancestor)
  select n.nspname as schema, c.relname as "table", an.nspname as ancestor_schema, a.relname as ancestor_name
    from up join pg_class c on c.oid = up.oid join pg_namespace n on n.oid = c.relnamespace
    join pg_class a on a.oid = up.ancestor join pg_namespace an on an.oid = a.relnamespace
   where c.relkind in ('r', 'p', 'f')`;

interface AncestorRow {
  schema: string;
  table: string;
  ancestor_schema: string;
  ancestor_name: string;
}

interface ObjectRow {
  schema: string;
  table: string | null;
  name: string;
  of?: string;
  facts: FactsRow;
  hidden?: FactsRow | null;
}

type FactsRow = Record<string, Fact | number | boolean | null>;

/** On which it depends how the server writes names and constants: the same on both sides, whatever they are set to. */
const WORDS = `
  select set_config(name, value, true)
    from (values ('search_path', 'pg_catalog'), ('timezone', 'UTC'), ('intervalstyle', 'postgres'), ('bytea_output', 'hex'),
                 ('quote_all_identifiers', 'off')) as words (name, value)`;

export async function readSchema(session: Session): Promise<Schema> {
  return session.transaction(async () => {
    await session.query(WORDS);
    const ancestors = ancestorsByTable(await session.query<AncestorRow>(ANCESTORS));
    const objects = await readObjects(session, { ...OBJECTS_OF_TABLES, ...OTHER_OBJECTS });
    return {
      objects: objects.map((object) => ({ ...object, ...above(object, ancestors) })),
      tables: await tablesBelow(session, ancestors),
    };
  }, 'isolation level repeatable read read only');
}

/** Those that hold rows of their own, and nothing else of the schema. */
export async function readTables(session: Session): Promise<Pick<Schema, 'tables'>> {
  return session.transaction(async () => {
    await session.query(WORDS);
    return { tables: await tablesBelow(session, ancestorsByTable(await session.query<AncestorRow>(ANCESTORS))) };
  }, 'isolation level repeatable read read only');
}

function tablesBelow(session: Session, ancestors: Ancestors): Promise<TableFacts[]> {
  return readTableFacts(session, (schema, table) => ancestors.get(keyOf(schema, table)) ?? []);
}

/** The same in whichever database of the instance it is asked for. */
export async function readRoles(session: Session): Promise<readonly SchemaObject[]> {
  return session.transaction(async () => {
    await session.query(WORDS);
    return readObjects(session, ROLES);
  }, 'isolation level repeatable read read only');
}

type Queries = Partial<Readonly<Record<SchemaObject['kind'], string>>>;

async function readObjects(session: Session, queries: Queries): Promise<SchemaObject[]> {
  const objects: SchemaObject[] = [];
  for (const [kind, sql] of Object.entries(queries)) {
    for (const { schema, table, name, of, facts, hidden } of await session.query<ObjectRow>(sql)) {
      objects.push({
        kind: kind as SchemaObject['kind'],
        schema,
        ...(table !== null && { table }),
        name,
        ...(of !== undefined && { of }),
        facts: factsOf(facts),
        ...(hidden && { hidden: factsOf(hidden) }),
      });
    }
  }
  return objects;
}

/** What is not there, or not so, is no fact. */
function factsOf(row: FactsRow): Facts {
  return Object.fromEntries(
    Object.entries(row).flatMap(([name, value]) =>
      value === null || value === false ? [] : [[name, Array.isArray(value) ? value : String(value)]],
    ),
  );
}

function above(
  { kind, schema, table, name }: SchemaObject,
  ancestors: Ancestors,
): { ancestors?: readonly TableName[] } {
  const found = table !== undefined || kind === 'table' ? ancestors.get(keyOf(schema, table ?? name)) : undefined;
  return found ? { ancestors: found } : {};
}

type Ancestors = ReadonlyMap<string, readonly TableName[]>;

function keyOf(schema: string, table: string): string {
  return JSON.stringify([schema, table]);
}

function ancestorsByTable(rows: readonly AncestorRow[]): Ancestors {
  const ancestors = new Map<string, TableName[]>();
  for (const { schema, table, ancestor_schema, ancestor_name } of rows) {
    const key = keyOf(schema, table);
    ancestors.set(key, [...(ancestors.get(key) ?? []), { schema: ancestor_schema, name: ancestor_name }]);
  }
  return ancestors;
}
