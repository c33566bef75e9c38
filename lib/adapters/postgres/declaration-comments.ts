/** Declarations written as comments, for what a parser cannot see: statements inside functions, DO blocks, and triggers' effects. */
import type { Declaration } from '../../core/declarations';

const COMMENT = /^[ \t]*--[ \t]*bluegreen:[ \t]*(.*)$/gim;

const FORMS =
  'relation [schema.]name, column [schema.]table.name, values [schema.]table.column, rows [schema.]table, routine [schema.]name, type [schema.]name, sequence [schema.]name, index [schema.]name';

export function annotatedDeclarations(
  sql: string,
): { readonly declarations: readonly Declaration[] } | { readonly problem: string } {
  const declarations: Declaration[] = [];
  for (const [, text = ''] of sql.matchAll(COMMENT)) {
    const [, named] = /^declares\s+(.+)$/.exec(text.trim()) ?? [];
    const declaration = named === undefined ? undefined : parseDeclaration(named);
    if (!declaration) {
      return {
        problem: `the comment "-- bluegreen: ${text.trim()}" is not understood; allowed after "-- bluegreen: declares": ${FORMS}`,
      };
    }
    declarations.push(declaration);
  }
  return { declarations };
}

function parseDeclaration(text: string): Declaration | undefined {
  const [, kind, names] = /^(\w+)\s+(\S+)$/.exec(text) ?? [];
  const parts = (names ?? '').split('.');
  const last = parts.at(-1);
  if (!kind || !last || parts.some((part) => part === '')) {
    return undefined;
  }
  const schemaBefore = (own: number) =>
    parts.length === own + 1 && parts[0] !== undefined ? { schema: parts[0] } : {};
  switch (kind) {
    case 'relation':
    case 'routine':
    case 'type':
    case 'sequence':
    case 'index':
      return parts.length <= 2 ? { kind, name: last, ...schemaBefore(1) } : undefined;
    case 'rows':
      return parts.length <= 2 ? { kind, table: last, ...schemaBefore(1) } : undefined;
    case 'column':
    case 'values': {
      const table = parts.at(-2);
      if (table === undefined || parts.length > 3) {
        return undefined;
      }
      return kind === 'column'
        ? { kind, table, name: last, ...schemaBefore(2) }
        : { kind, table, column: last, ...schemaBefore(2) };
    }
    default:
      return undefined;
  }
}
