/** Changes: the SQL files of a plan, their order, their identity, and which of them the ledger says are still to be applied. */
import { createHash } from 'node:crypto';
import type { Declaration } from './declarations';
import type { StatementEffects } from './effects';
import { ChangeAltered } from './errors';

/** A place in a file. Lines and columns count from 1, columns in characters. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** A statement of a change, by where it begins. */
export interface Statement extends Place {
  /** A slice of the change's `sql`, as the parser cuts it: without its semicolon, perhaps with a comment before it. */
  readonly begin: number;
  readonly end: number;
}

/** One SQL file that changes green. */
export interface Change {
  readonly number: number;
  /** File name inside `changes/`. */
  readonly file: string;
  /** `expand` is applied while green is being prepared, `contract` inside the switchover. */
  readonly kind: 'expand' | 'contract';
  readonly sql: string;
  readonly sha256: string;
  readonly statements: readonly Statement[];
  readonly declarations: readonly Declaration[];
  /** Where it leads green's tables away from blue's, as its engine reads it. */
  readonly departures: readonly { readonly kind: string }[];
  /** Of each statement, what it does to rows that come from blue. */
  readonly effects: readonly StatementEffects[];
}

/** A row of the ledger that travels inside the database. */
export interface LedgerEntry {
  readonly number: number;
  readonly file: string;
  readonly sha256: string;
  /** Hash over this entry and all before it, so that a rewritten history shows. */
  readonly chain: string;
}

/** What a change's file name says, or undefined when the name has none of the forms that are read. */
export function parseChangeFileName(file: string): { number: number; kind: Change['kind'] } | undefined {
  const match =
    /^V(\d+)__[^/]+\.sql$/.exec(file) ?? /^(\d+)_[^/]+\.up\.sql$/.exec(file) ?? /^(\d+)_[^/]+\.sql$/.exec(file);
  if (!match?.[1] || file.endsWith('.down.sql')) {
    return undefined;
  }
  return { number: Number(match[1]), kind: /\.contract(\.up)?\.sql$/.test(file) ? 'contract' : 'expand' };
}

export function contentHash(sql: string): string {
  return createHash('sha256').update(sql).digest('hex');
}

/** The chain value of the entry that follows `previous` (undefined for the first). */
export function chainHash(previous: LedgerEntry | undefined, change: Omit<LedgerEntry, 'chain'>): string {
  return contentHash(`${previous?.chain ?? ''}\n${change.number}\n${change.file}\n${change.sha256}`);
}

/**
 * The changes the ledger does not hold yet, in the order they are to be applied.
 *
 * @throws ChangeAltered when a file that was applied has other content now.
 */
export function pendingChanges(changes: readonly Change[], ledger: readonly LedgerEntry[]): Change[] {
  const applied = new Map(ledger.map((entry) => [entry.number, entry]));
  const pending: Change[] = [];
  for (const change of changes) {
    const entry = applied.get(change.number);
    if (!entry) {
      pending.push(change);
    } else if (entry.sha256 !== change.sha256) {
      throw new ChangeAltered(`changes/${change.file}`, `changes/${entry.file}`, entry.sha256, change.sha256);
    }
  }
  return pending;
}
