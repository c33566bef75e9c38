/** The type of a column, as far as it decides what becomes of its values when the column is given another type. */

export interface ColumnType {
  /** As the server writes it, modifiers and all; two columns of the same name hold the same values. */
  readonly name: string;
  /** Without modifiers, such as `character varying`, or `enum` for a type with labels. */
  readonly base: string;
  /** Its length, digits after the point or digits of a second. */
  readonly width: number;
  readonly array: boolean;
}

/** A type as a statement names it: as the server would if it is built in, else by its own name. */
export interface TypeReference {
  readonly schema?: string;
  readonly name: string;
  readonly builtIn: boolean;
  readonly array: boolean;
}

/** How much of a value the new type holds, compared with the former one. */
export type Width = 'less' | 'same' | 'more' | 'unlimited';

/** @param name as the server writes it with only `pg_catalog` in the search path, of what a domain is made of */
export function columnType(name: string, { enumerated = false } = {}): ColumnType {
  const array = name.endsWith('[]');
  const element = array ? name.slice(0, -2) : name;
  const modifiers = /\((-?\d+)(?:,(-?\d+))?\)/.exec(element);
  const plain = element.replace(modifiers?.[0] ?? '', '');
  const base = enumerated ? 'enum' : plain === 'bpchar' ? 'character' : plain;
  return { name, base, width: widthOf(base, modifiers?.slice(1) ?? []), array };
}

function widthOf(base: string, [first, second]: readonly (string | undefined)[]): number {
  switch (base) {
    case 'numeric':
      return first === undefined ? Number.POSITIVE_INFINITY : Number(second ?? 0);
    case 'smallint':
    case 'integer':
    case 'bigint':
      return 0;
    default:
      return first === undefined
        ? /^(time|interval)/.test(base)
          ? MICROSECONDS
          : Number.POSITIVE_INFINITY
        : Number(first);
  }
}

const MICROSECONDS = 6;

export function widthBetween(from: ColumnType, to: ColumnType): Width {
  if (from.width === to.width) {
    return 'same';
  }
  return to.width < from.width ? 'less' : to.width === Number.POSITIVE_INFINITY ? 'unlimited' : 'more';
}
