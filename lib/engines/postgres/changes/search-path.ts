/** Follows the search path that a file sets, and puts the schema to names that come without one. */
import { everyNode, type Node, strings, type Tree } from './parse-tree';

/** As the statements before have set it; undefined where none has, unknown where only the server knows. */
export type SearchPath = readonly string[] | 'unknown' | undefined;

/** Per statement, the path by which the server finds its names. Every file begins in a session of its own. */
export function searchPaths(statements: readonly Node[]): SearchPath[] {
  let path: SearchPath;
  return statements.map((statement) => {
    const before = path;
    path = after(statement, path);
    return before;
  });
}

function after(statement: Node, path: SearchPath): SearchPath {
  const { VariableSetStmt: set, SelectStmt: select, DoStmt: block } = statement as Record<string, Tree>;
  if (set) {
    return afterSet(set, path);
  }
  if (block) {
    return /search_path/i.test(JSON.stringify(block)) ? 'unknown' : path;
  }
  const calls = select ? everyNode(select, 'FuncCall').filter(setsThePath) : [];
  return calls.length === 0 ? path : (named(literal(calls.at(-1).args[1])) ?? 'unknown');
}

function afterSet({ kind, name = '', args = [] }: Tree, path: SearchPath): SearchPath {
  if (kind === 'VAR_RESET_ALL') {
    return undefined;
  }
  if (name.toLowerCase() !== 'search_path' || kind === 'VAR_SET_CURRENT') {
    return path;
  }
  return kind === 'VAR_SET_VALUE' ? args.map((arg: Tree) => literal(arg) ?? '') : undefined;
}

function setsThePath({ funcname, args = [] }: Tree): boolean {
  return strings(funcname).at(-1) === 'set_config' && literal(args[0])?.toLowerCase() === 'search_path';
}

function literal(node: Tree): string | undefined {
  const value = node?.TypeCast ? node.TypeCast.arg : node;
  return value?.A_Const && !value.A_Const.isnull ? (value.A_Const.sval?.sval ?? '') : undefined;
}

/** A list as the parameter takes it: names in quotes stay as they are. */
function named(list: string | undefined): string[] | undefined {
  return (
    list
      ?.match(/"(?:[^"]|"")*"|[^\s,]+/g)
      ?.map((name) => (name.startsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name.toLowerCase())) ??
    (list === undefined ? undefined : [])
  );
}

/** Where no name of a change's lies. */
const NOT_OURS: ReadonlySet<string> = new Set(['', 'pg_catalog', 'pg_temp', '$user']);

/** The first schema is where a name is made, and where it is taken to be found: what it has hides what the next ones have. */
export function firstSchema(path: SearchPath): string | undefined {
  return path === 'unknown' ? undefined : path?.find((schema) => !NOT_OURS.has(schema));
}

/** The only one in which names can lie, if there is only one. */
export function onlySchema(path: SearchPath): string | undefined {
  const schemas = path === 'unknown' ? [] : (path?.filter((schema) => !/^(|pg_catalog|pg_temp)$/.test(schema)) ?? []);
  return schemas.length === 1 ? firstSchema(schemas) : undefined;
}

/** Whether a table is named without its schema. */
export function leavesSchemasOut(statement: Node): boolean {
  return relations(statement).some(({ schemaname }) => schemaname === undefined) || droppedNames(statement).length > 0;
}

/** @returns the statement as it would be with every name of a table, and of a type it makes, alters or drops, in that schema */
export function inSchema(statement: Node, schema: string | undefined): Node {
  if (schema === undefined || 'CreateSchemaStmt' in statement) {
    return statement;
  }
  const copy = structuredClone(statement) as Record<string, Tree>;
  const ctes = new Set(everyNode(copy, 'CommonTableExpr').map(({ ctename }) => ctename));
  for (const relation of relations(copy)) {
    if (!ctes.has(relation.relname)) {
      relation.schemaname ??= schema;
    }
  }
  const names = { String: { sval: schema } };
  for (const list of [...droppedNames(copy), ...typeNames(copy)]) {
    list.unshift(names);
  }
  return copy;
}

/** Wherever one stands, under whatever key. */
function relations(tree: Tree): Tree[] {
  if (typeof tree !== 'object' || tree === null) {
    return [];
  }
  const below = Object.values(tree as Record<string, Tree>).flatMap(relations);
  return typeof tree.relname === 'string' ? [tree, ...below] : below;
}

/** Those without schema: of what hangs on a table, the table's name comes first. */
function droppedNames({ DropStmt: drop }: Tree): Tree[][] {
  const hanging = /TRIGGER|RULE|POLICY/.test(drop?.removeType);
  return (drop?.objects ?? []).flatMap((object: Tree) => {
    const names: Tree[] | undefined = object.List?.items ?? object.TypeName?.names ?? object.ObjectWithArgs?.objname;
    return names?.length === (hanging ? 2 : 1) ? [names] : [];
  });
}

function typeNames(statement: Tree): Tree[][] {
  const { CreateEnumStmt, CreateRangeStmt, AlterEnumStmt, CreateDomainStmt, AlterDomainStmt } = statement;
  const names: Tree[] | undefined =
    (CreateEnumStmt ?? CreateRangeStmt ?? AlterEnumStmt ?? AlterDomainStmt)?.typeName ?? CreateDomainStmt?.domainname;
  return names?.length === 1 ? [names] : [];
}
