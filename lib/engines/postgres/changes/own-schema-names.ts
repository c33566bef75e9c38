/** Statements of a change that name the schema in which the product keeps its own tables: what they made there would be passed over. */
import { SCHEMA } from '../run-record/own-schema';
import { everyNode, type Node, strings, type Tree } from './parse-tree';

const OWN = `names schema ${SCHEMA}, in which this product keeps its own tables: what lies there neither follows nor is compared; use another schema`;

/** Lists of columns, whose first may have any name. */
const COLUMNS = /^(ColumnRef|keys|fk_attrs|pk_attrs)$/;
const NAMES_A_SCHEMA = /^(schemaname|newschema|local_schema)$/;

export function whyNotInOwnSchema(statement: Node): string | undefined {
  return qualifies(statement) || isAbout(statement) || searches(statement) ? OWN : undefined;
}

function qualifies(tree: Tree): boolean {
  if (typeof tree !== 'object' || tree === null) {
    return false;
  }
  const parts = Array.isArray(tree) ? strings(tree) : [];
  return (
    (parts.length > 1 && parts[0] === SCHEMA) ||
    Object.entries(tree as Record<string, Tree>).some(
      ([key, value]) => (NAMES_A_SCHEMA.test(key) && value === SCHEMA) || (!COLUMNS.test(key) && qualifies(value)),
    )
  );
}

/** The schema itself, or everything in it. */
function isAbout(statement: Node): boolean {
  return Object.values(statement as Record<string, Tree>).some((tree) => {
    const kinds = [tree.removeType, tree.objtype, tree.objectType, tree.renameType, tree.targtype];
    const names = [...strings(tree.objects), ...strings([tree.object]), tree.subname, tree.newname];
    return kinds.some((kind) => /_SCHEMA$/.test(kind ?? '')) && names.includes(SCHEMA);
  });
}

function searches({ VariableSetStmt: set }: Record<string, Tree>): boolean {
  return set?.name === 'search_path' && everyNode(set, 'sval').includes(SCHEMA);
}
