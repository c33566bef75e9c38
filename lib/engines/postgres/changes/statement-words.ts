/** A statement in words, with the names it uses and without the values. */
import { dotted } from '../../../core/effects';
import { type Node, qualified, type Relation, relationOf, strings, type Tree } from './parse-tree';
import { inWords } from './statements/changed-objects';

const WORDS: Readonly<Record<string, (tree: Tree) => string>> = {
  AlterTableStmt: ({ relation, objtype, cmds = [] }) =>
    `alter ${kindOf(objtype)} ${inWords(relationOf(relation))} ${cmds.map(({ AlterTableCmd }: Tree) => command(AlterTableCmd)).join(', ')}`,
  IndexStmt: ({ relation, unique, idxname }) =>
    joined('create', unique && 'unique', 'index', dotted(idxname), 'on', inWords(relationOf(relation))),
  CreateTrigStmt: ({ relation, trigname }) => `create trigger ${dotted(trigname)} on ${inWords(relationOf(relation))}`,
  CreatePolicyStmt: ({ table, policy_name }) => `create policy ${dotted(policy_name)} on ${inWords(relationOf(table))}`,
  RuleStmt: ({ relation, rulename }) => `create rule ${dotted(rulename)} on ${inWords(relationOf(relation))}`,
  DropStmt: ({ removeType, objects }) => joined('drop', kindOf(removeType), objects.map(dropped).join(', ')),
  RenameStmt: ({ renameType, relation, subname, newname }) =>
    joined(
      'rename',
      kindOf(renameType),
      dotted(relation?.schemaname, relation?.relname, subname),
      'to',
      dotted(newname),
    ),
  AlterObjectSchemaStmt: ({ objectType, relation, newschema }) =>
    joined('move', kindOf(objectType), relation && inWords(relationOf(relation)), 'to schema', dotted(newschema)),
  UpdateStmt: ({ relation, targetList }) =>
    `update ${inWords(relationOf(relation))} set ${targetList.map(({ ResTarget }: Tree) => dotted(ResTarget.name)).join(', ')}`,
  InsertStmt: ({ relation }) => `insert into ${inWords(relationOf(relation))}`,
  DeleteStmt: ({ relation }) => `delete from ${inWords(relationOf(relation))}`,
  MergeStmt: ({ relation }) => `merge into ${inWords(relationOf(relation))}`,
  TruncateStmt: ({ relations }) =>
    `truncate ${relations.map(({ RangeVar }: Tree) => inWords(relationOf(RangeVar))).join(', ')}`,
  CopyStmt: ({ relation, is_from }) =>
    joined('copy', relation && inWords(relationOf(relation)), is_from ? 'from' : 'to'),
  CreateStmt: ({ relation }) => `create table ${inWords(relationOf(relation))}`,
  CreateTableAsStmt: ({ into, objtype }) => `create ${kindOf(objtype)} ${inWords(relationOf(into.rel))} as`,
  CreateSeqStmt: ({ sequence }) => `create sequence ${inWords(relationOf(sequence))}`,
  AlterSeqStmt: ({ sequence }) => `alter sequence ${inWords(relationOf(sequence))}`,
  ViewStmt: ({ view }) => `create view ${inWords(relationOf(view))}`,
  RefreshMatViewStmt: ({ relation }) => `refresh materialized view ${inWords(relationOf(relation))}`,
  DefineStmt: ({ kind, defnames }) => `create ${kindOf(kind)} ${inWords(qualified(defnames))}`,
  CreateEventTrigStmt: ({ trigname }) => `create event trigger ${dotted(trigname)}`,
  CreateStatsStmt: () => 'create statistics',
  GrantStmt: ({ is_grant }) => (is_grant ? 'grant' : 'revoke'),
  VacuumStmt: () => 'analyze',
  VariableSetStmt: ({ name }) => `set ${name}`,
};

export function statementInWords(statement: Node): string {
  return Object.entries(statement as Record<string, Tree>)
    .map(([type, tree]) => WORDS[type]?.(tree) ?? joined(spoken(type.replace(/Stmt$/, '')), nameIn(tree)))
    .join();
}

function joined(...parts: unknown[]): string {
  return parts.filter((part) => typeof part === 'string' && part !== '').join(' ');
}

/** `AT_SetNotNull` and `CreateFunction` in the words they are made of. */
function spoken(camelCase: string): string {
  return camelCase.replace(/(?<=.)(?=[A-Z])/g, ' ').toLowerCase();
}

function kindOf(object: string): string {
  return (KINDS[object] ?? object.replace(/^OBJECT_/, '').replaceAll('_', ' ')).toLowerCase();
}

const KINDS: Readonly<Record<string, string>> = {
  OBJECT_MATVIEW: 'materialized view',
  OBJECT_TABCONSTRAINT: 'constraint',
};

function command({ subtype, name, def }: Tree): string {
  switch (subtype) {
    case 'AT_AddColumn':
      return `add column ${dotted(def.ColumnDef.colname)}`;
    case 'AT_AlterColumnType':
      return `alter column ${dotted(name)} type ${typeInWords(def.ColumnDef)}`;
    case 'AT_ColumnDefault':
      return `alter column ${dotted(name)} ${def ? 'set' : 'drop'} default`;
    case 'AT_SetNotNull':
    case 'AT_DropNotNull':
      return `alter column ${dotted(name)} ${subtype === 'AT_SetNotNull' ? 'set' : 'drop'} not null`;
    case 'AT_AddConstraint':
      return joined('add constraint', dotted(def.Constraint.conname));
    case 'AT_AttachPartition':
    case 'AT_DetachPartition':
      return `${subtype === 'AT_AttachPartition' ? 'attach' : 'detach'} partition ${inWords(relationOf(def.PartitionCmd.name))}`;
    default:
      return joined(spoken(String(subtype).replace(/^AT_/, '')).replace(/\btrig\b/, 'trigger'), dotted(name));
  }
}

/** As it is written; the parser knows some types by other names. */
function typeInWords({ typeName }: Tree): string {
  const names = strings(typeName?.names);
  return names[0] === 'pg_catalog' ? (TYPES[names.at(-1) ?? ''] ?? names.at(-1) ?? '') : dotted(...names);
}

const TYPES: Readonly<Record<string, string>> = {
  bool: 'boolean',
  bpchar: 'character',
  float4: 'real',
  float8: 'double precision',
  int2: 'smallint',
  int4: 'integer',
  int8: 'bigint',
};

function dropped(object: Tree): string {
  return strings(object.List?.items ?? object.ObjectWithArgs?.objname ?? object.TypeName?.names ?? [object])
    .map((name) => dotted(name))
    .join('.');
}

/** Where the statement has one in a place that many share. */
function nameIn(tree: Tree): string | undefined {
  const relation = tree.relation ?? tree.view ?? tree.typevar ?? tree.base?.relation;
  const names = tree.domainname ?? tree.funcname ?? tree.typeName ?? tree.defnames ?? tree.func?.objname;
  const found: Relation | undefined = relation?.relname
    ? relationOf(relation)
    : Array.isArray(names)
      ? qualified(names)
      : undefined;
  const name = [tree.schemaname, tree.extname, tree.pubname, tree.subname].find((one) => typeof one === 'string');
  return found ? inWords(found) : dotted(name);
}
