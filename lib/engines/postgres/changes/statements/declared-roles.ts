/** What statements about roles, grants and settings declare. */
import type { Declaration } from '../../../../core/declarations';
import { namedObject, only } from '../named-objects';
import { on, relationOf, strings, type Tree } from '../parse-tree';

/** A grant shows in the grants of what it is granted on. */
export function grant(tree: Tree): Declaration[] {
  const objects: Tree[] = tree.objects ?? [];
  const everyObject = GRANTED_KINDS[tree.objtype];
  if (tree.targtype === 'ACL_TARGET_ALL_IN_SCHEMA' && everyObject) {
    return only(
      ['grants'],
      strings(objects).map((schema) => ({ kind: 'all', objects: everyObject, schema })),
    );
  }
  if (tree.objtype === 'OBJECT_PARAMETER_ACL') {
    // it is there because of the grant, in lower case
    return strings(objects).map((name) => ({ kind: 'parameter', name: name.toLowerCase() }));
  }
  return only(
    ['grants'],
    objects.flatMap((object): Declaration[] => {
      if (!object.RangeVar) {
        return namedObject(tree.objtype, object);
      }
      const relation = relationOf(object.RangeVar);
      const columns = (tree.privileges ?? []).flatMap(({ AccessPriv }: Tree) => strings(AccessPriv?.cols));
      return [
        { kind: 'table', ...relation },
        { kind: 'sequence', ...relation },
        ...columns.map((name: string) => ({ kind: 'column', ...on(relation), name }) as const),
        // what is revoked from a table is revoked from its columns
        ...(tree.is_grant ? [] : [{ kind: 'column', ...on(relation) } as const]),
      ];
    }),
  );
}

const GRANTED_KINDS: Readonly<Record<string, 'table' | 'sequence' | 'routine'>> = {
  OBJECT_TABLE: 'table',
  OBJECT_SEQUENCE: 'sequence',
  OBJECT_FUNCTION: 'routine',
  OBJECT_PROCEDURE: 'routine',
  OBJECT_ROUTINE: 'routine',
};

/** Without FOR ROLE they are those of whoever applies the change, who is not known here. */
export function alterDefaultPrivileges({ options, action }: Tree): Declaration[] {
  const lists = (name: string): Tree[] =>
    (options ?? []).flatMap(({ DefElem }: Tree) => (DefElem.defname === name ? DefElem.arg.List.items : []));
  const schemas = strings(lists('schemas'));
  const roles = lists('roles').map(roleName);
  return (schemas.length > 0 ? schemas : ['']).flatMap((schema) =>
    (roles.length > 0 ? roles : [undefined]).map((of) => ({
      kind: 'default privileges',
      schema,
      name: DEFAULTS[action.objtype] ?? '',
      ...(of !== undefined && { of }),
    })),
  );
}

const DEFAULTS: Readonly<Record<string, string>> = {
  OBJECT_TABLE: 'tables',
  OBJECT_SEQUENCE: 'sequences',
  OBJECT_FUNCTION: 'functions',
  OBJECT_ROUTINE: 'functions',
  OBJECT_TYPE: 'types',
  OBJECT_SCHEMA: 'schemas',
  OBJECT_LARGEOBJECT: 'large objects',
};

/** Who creates a role may become a member of it, which goes with the role. */
export function createRole({ role }: Tree): Declaration[] {
  return [{ kind: 'role', name: role }];
}

export function alterRole({ role, options = [] }: Tree): Declaration[] {
  const name = roleName(role) ?? '';
  const members: Tree[] = options.flatMap(({ DefElem }: Tree) =>
    DefElem.defname === 'rolemembers' ? DefElem.arg.List.items : [],
  );
  return members.length > 0
    ? members.map((member) => membership(name, member))
    : only(['definition'], [{ kind: 'role', name }]);
}

export function dropRole({ roles }: Tree): Declaration[] {
  return roles.flatMap((role: Tree) => createRole({ role: roleName(role) }));
}

export function grantRole({ granted_roles: granted, grantee_roles: grantees }: Tree): Declaration[] {
  return granted.flatMap(({ AccessPriv }: Tree) =>
    grantees.map((grantee: Tree) => membership(AccessPriv.priv_name, grantee)),
  );
}

function membership(name: string, member: Tree): Declaration {
  const of = roleName(member);
  return { kind: 'membership', name, ...(of !== undefined && { of }) };
}

/** Of any role where the statement says CURRENT_USER or the like. */
export function setForRole({ role, database, setstmt }: Tree): Declaration[] {
  const name = role && roleName(role);
  const inDatabase = database !== undefined;
  const everybody = inDatabase ? 'the database' : 'all roles';
  const of = role ? name && `role ${name}${inDatabase ? ' in the database' : ''}` : everybody;
  return [{ kind: 'setting', ...parameter(setstmt), ...(of && { of }) }];
}

export function setForDatabase({ setstmt }: Tree): Declaration[] {
  return [{ kind: 'setting', ...parameter(setstmt), of: 'the database' }];
}

/** Every parameter where the statement says ALL; upper and lower case are the same. */
function parameter({ name }: Tree): { name?: string } {
  return name === undefined ? {} : { name: name.toLowerCase() };
}

/** Undefined for CURRENT_USER and the like. */
function roleName(node: Tree): string | undefined {
  return (node.RoleSpec ?? node).rolename;
}
