/** What a parsed statement declares to create, alter, drop or rewrite. */
import type { Declaration } from '../../../../core/declarations';
import { BY_OWNER, castBetween, namedObject, only } from '../named-objects';
import { type Node, on, qualified, type Relation, relationOf, type Tree } from '../parse-tree';
import { alterTable, wholeRelation } from './declared-alterations';
import * as roles from './declared-roles';

/** One reader per type of statement. A type that is not here declares nothing: what it changes shows up as a mismatch. */
const READERS: Readonly<Record<string, (tree: Tree) => Declaration[]>> = {
  CreateStmt: (tree) => [wholeRelation(relationOf(tree.relation))],
  CreateTableAsStmt: (tree) => [wholeRelation(relationOf(tree.into.rel))],
  ViewStmt: (tree) => [wholeRelation(relationOf(tree.view))],
  AlterTableStmt: (tree) => alterTable(relationOf(tree.relation), tree.cmds ?? [], tree.objtype),
  AlterObjectSchemaStmt: moveToSchema,
  RenameStmt: rename,
  IndexStmt: (tree) => [
    { kind: 'part', part: 'index', ...on(relationOf(tree.relation)), ...(tree.idxname && { name: tree.idxname }) },
  ],
  CreateStatsStmt: createStatistics,
  AlterStatsStmt: (tree) => altered([{ kind: 'statistics', ...qualified(tree.defnames) }]),
  RuleStmt: (tree) => [{ kind: 'part', part: 'rule', ...on(relationOf(tree.relation)), name: tree.rulename }],
  CreateTrigStmt: (tree) => [{ kind: 'part', part: 'trigger', ...on(relationOf(tree.relation)), name: tree.trigname }],
  CreatePolicyStmt: (tree) => [{ kind: 'part', part: 'policy', ...on(relationOf(tree.table)), name: tree.policy_name }],
  AlterPolicyStmt: (tree) =>
    altered([{ kind: 'part', part: 'policy', ...on(relationOf(tree.table)), name: tree.policy_name }]),
  CreateSeqStmt: (tree) => [{ kind: 'sequence', ...relationOf(tree.sequence) }],
  AlterSeqStmt: (tree) => altered([{ kind: 'sequence', ...relationOf(tree.sequence) }]),
  CreateFunctionStmt: (tree) => [{ kind: 'routine', ...qualified(tree.funcname) }],
  DefineStmt: define,
  AlterFunctionStmt: (tree) => altered([{ kind: 'routine', ...qualified(tree.func.objname) }]),
  AlterOperatorStmt: (tree) => altered([{ kind: 'operator', ...qualified(tree.opername.objname) }]),
  CreateCastStmt: (tree) => [castBetween(tree.sourcetype, tree.targettype)],
  AlterTSConfigurationStmt: (tree) => altered([{ kind: 'text search configuration', ...qualified(tree.cfgname) }]),
  AlterTSDictionaryStmt: (tree) => altered([{ kind: 'text search dictionary', ...qualified(tree.dictname) }]),
  CreateEventTrigStmt: (tree) => [{ kind: 'event trigger', name: tree.trigname }],
  AlterEventTrigStmt: (tree) => altered([{ kind: 'event trigger', name: tree.trigname }]),
  CreatePublicationStmt: (tree) => [{ kind: 'publication', name: tree.pubname }],
  AlterPublicationStmt: (tree) => [{ kind: 'publication', name: tree.pubname }],
  CreateForeignTableStmt: (tree) => [wholeRelation(relationOf(tree.base.relation))],
  CreateForeignServerStmt: (tree) => [{ kind: 'server', name: tree.servername }],
  AlterForeignServerStmt: (tree) => altered([{ kind: 'server', name: tree.servername }]),
  CreateUserMappingStmt: userMapping,
  AlterUserMappingStmt: userMapping,
  DropUserMappingStmt: userMapping,
  RefreshMatViewStmt: (tree) => altered([{ kind: 'table', ...relationOf(tree.relation) }]),
  CreateEnumStmt: (tree) => [{ kind: 'type', ...qualified(tree.typeName) }],
  AlterEnumStmt: (tree) => altered([{ kind: 'type', ...qualified(tree.typeName) }]),
  CreateDomainStmt: (tree) => [{ kind: 'type', ...qualified(tree.domainname) }],
  AlterDomainStmt: (tree) => altered([{ kind: 'type', ...qualified(tree.typeName) }]),
  CreateRangeStmt: (tree) => [{ kind: 'type', ...qualified(tree.typeName) }],
  CompositeTypeStmt: (tree) => [{ kind: 'type', ...relationOf(tree.typevar) }],
  CreateSchemaStmt: createSchema,
  CreateExtensionStmt: (tree) => [{ kind: 'extension', name: tree.extname }],
  AlterExtensionStmt: (tree) => altered([{ kind: 'extension', name: tree.extname }]),
  DropStmt: (tree) => tree.objects.flatMap((object: Tree) => namedObject(tree.removeType, object)),
  CommentStmt: (tree) => only(['comment'], namedObject(tree.objtype, tree.object)),
  AlterOwnerStmt: (tree) => only(BY_OWNER, namedObject(tree.objectType, tree.object)),
  GrantStmt: roles.grant,
  AlterDefaultPrivilegesStmt: roles.alterDefaultPrivileges,
  AlterDatabaseStmt: () => altered([{ kind: 'database', name: 'itself' }]),
  AlterDatabaseSetStmt: roles.setForDatabase,
  CreateRoleStmt: roles.createRole,
  AlterRoleStmt: roles.alterRole,
  AlterRoleSetStmt: roles.setForRole,
  DropRoleStmt: roles.dropRole,
  GrantRoleStmt: roles.grantRole,
  UpdateStmt: (tree) => assigned(relationOf(tree.relation), tree.targetList),
  InsertStmt: (tree) => [
    { kind: 'rows', ...on(relationOf(tree.relation)) },
    ...assigned(relationOf(tree.relation), tree.onConflictClause?.targetList),
  ],
  DeleteStmt: (tree) => [{ kind: 'rows', ...on(relationOf(tree.relation)) }],
  MergeStmt: (tree) => [{ kind: 'rows', ...on(relationOf(tree.relation)) }],
  CopyStmt: (tree) => (tree.is_from && tree.relation ? [{ kind: 'rows', ...on(relationOf(tree.relation)) }] : []),
  TruncateStmt: (tree) => tree.relations.map(({ RangeVar }: Tree) => ({ kind: 'rows', ...on(relationOf(RangeVar)) })),
};

export function declaredBy(statement: Node): Declaration[] {
  return Object.entries(statement as Record<string, Tree>).flatMap(([type, tree]) => [
    ...(READERS[type]?.(tree) ?? []),
    ...(tree.withClause?.ctes ?? []).flatMap(({ CommonTableExpr: { ctequery } }: Tree) => declaredBy(ctequery)),
  ]);
}

function altered(declarations: readonly Declaration[]): Declaration[] {
  return only(['definition'], declarations);
}

/** The object is gone from one schema and there in the other. */
function moveToSchema(tree: Tree): Declaration[] {
  return named(tree.objectType, tree).flatMap((from) => [from, { ...from, schema: tree.newschema }]);
}

/** Tables come as such, everything else as a list of names. */
function named(type: string, { relation, object }: Tree): Declaration[] {
  const list = relation && [relation.schemaname, relation.relname].filter((name) => name !== undefined);
  return namedObject(type, list ? { List: { items: list.map((sval: string) => ({ String: { sval } })) } } : object);
}

function rename(tree: Tree): Declaration[] {
  const names: string[] = [tree.subname, tree.newname];
  const table = tree.relation && on(relationOf(tree.relation));
  switch (tree.renameType) {
    case 'OBJECT_COLUMN':
      return [
        ...names.map((name) => ({ kind: 'column', ...table, name }) as const),
        ...altered([
          { kind: 'part', part: 'constraint', ...table },
          { kind: 'part', part: 'index', ...table },
          { kind: 'part', part: 'statistics', ...table },
          { kind: 'part', part: 'sequence', ...table },
        ]),
      ];
    case 'OBJECT_TABCONSTRAINT':
      return names.flatMap((name) => [
        { kind: 'part', part: 'constraint', ...table, name } as const,
        { kind: 'part', part: 'index', ...table, name } as const,
      ]);
    case 'OBJECT_TRIGGER':
    case 'OBJECT_RULE':
    case 'OBJECT_POLICY':
      return names.flatMap((name) =>
        namedObject(tree.renameType, {
          List: { items: [...qualifiedNames(relationOf(tree.relation)), name].map((sval) => ({ String: { sval } })) },
        }),
      );
    case 'OBJECT_ATTRIBUTE':
      return altered([{ kind: 'type', ...relationOf(tree.relation) }]);
    case 'OBJECT_DOMCONSTRAINT':
      return altered(namedObject('OBJECT_DOMAIN', tree.object));
    case 'OBJECT_ROLE':
    case 'OBJECT_SCHEMA':
      return names.flatMap((sval) => namedObject(tree.renameType, { String: { sval } }));
    default:
      return named(tree.renameType, tree).flatMap((from) => [from, { ...from, name: tree.newname }]);
  }
}

function qualifiedNames({ schema, name }: Relation): string[] {
  return schema === undefined ? [name] : [schema, name];
}

/** With what is made inside it. */
function createSchema(tree: Tree): Declaration[] {
  const name = tree.schemaname ?? tree.authrole?.rolename;
  return [{ kind: 'schema', name }, ...(tree.schemaElts ?? []).flatMap(declaredBy)];
}

/** An operator is entered with its commutator and its negator, too. */
function define({ kind, defnames, definition = [] }: Tree): Declaration[] {
  const counterparts = definition.flatMap(({ DefElem }: Tree) =>
    kind === 'OBJECT_OPERATOR' && ['commutator', 'negator'].includes(DefElem.defname) ? [DefElem.arg] : [],
  );
  return [{ List: { items: defnames } }, ...counterparts].flatMap((named: Tree) => namedObject(kind, named));
}

/** Without a name, the server gives one after the table. */
function createStatistics(tree: Tree): Declaration[] {
  return tree.defnames
    ? [{ kind: 'statistics', ...qualified(tree.defnames) }]
    : tree.relations.map(({ RangeVar }: Tree) => ({ kind: 'part', part: 'statistics', ...on(relationOf(RangeVar)) }));
}

function userMapping({ user, servername }: Tree): Declaration[] {
  const of = user.roletype === 'ROLESPEC_PUBLIC' ? 'public' : user.rolename;
  return [{ kind: 'user mapping', name: servername, ...(of !== undefined && { of }) }];
}

function assigned(relation: Relation, targets: readonly Tree[] | undefined): Declaration[] {
  return (targets ?? []).map(({ ResTarget }) => ({ kind: 'values', ...on(relation), column: ResTarget.name }));
}
