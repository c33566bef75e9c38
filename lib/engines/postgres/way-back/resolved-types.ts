/** Types and casts that a database has of its own, as far as the types of columns are made of them. */
import type { Change } from '../../../core/changes';
import { type ColumnType, columnType, type TypeReference } from './column-type';
import type { DepartingChange, Departure } from './departures';

export interface OwnType {
  readonly schema: string;
  readonly name: string;
  /** What it is made of: itself for a type with labels, what it restricts for a domain. */
  readonly content: ColumnType;
}

export interface OwnTypes {
  readonly types: readonly OwnType[];
  /** By the types' names without modifiers. */
  readonly casts: readonly { readonly from: string; readonly to: string }[];
}

/** The changes, in which statements that give a column a type say what that type holds. */
export function withTypesResolved(changes: readonly Change[], { types }: OwnTypes): DepartingChange[] {
  let known: readonly OwnType[] = types;
  return changes.map((change) => ({
    ...change,
    departures: (change.departures as readonly Departure[]).map((departure) => {
      if (departure.kind === 'type-made') {
        known = [...known.filter((one) => !isNamed(departure, one)), ...made(departure, known)];
        return departure;
      }
      const content = departure.kind === 'column-retyped' ? resolved(departure.to, known) : undefined;
      return content ? { ...departure, content } : departure;
    }),
  }));
}

function made(
  { schema = 'public', name, of }: Departure & { kind: 'type-made' },
  known: readonly OwnType[],
): OwnType[] {
  const content = of === 'labels' ? columnType(`${schema}.${name}`, { enumerated: true }) : resolved(of, known);
  return content ? [{ schema, name, content }] : [];
}

function resolved(reference: TypeReference, known: readonly OwnType[]): ColumnType | undefined {
  const content = reference.builtIn
    ? columnType(reference.name)
    : known.find((one) => isNamed(reference, one))?.content;
  if (!content || !reference.array || content.array) {
    return content && { ...content };
  }
  return { ...content, name: `${content.name}[]`, array: true };
}

/** A name without schema may be in any. */
function isNamed({ schema, name }: { readonly schema?: string; readonly name: string }, type: OwnType): boolean {
  return name === type.name && (schema === undefined || schema === type.schema);
}
