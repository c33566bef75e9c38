/** Fills blue with the plan's seed: SQL, or what pg_dump writes. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Client, DatabaseError } from 'pg';
import { PlanInvalid } from '../core/errors';
import { copyIn } from './copy-in';
import { readSeedScript, type SeedPiece, SeedUnreadable } from './seed-script';

/** SQLSTATE of something that is not there; a dump names owners that only its own server has. */
const UNDEFINED_OBJECT = '42704';

/** @throws PlanInvalid when the seed cannot be read or the server refuses it */
export async function fillWithSeed(client: Client, planFolder: string): Promise<void> {
  for (const piece of await readSeed(planFolder)) {
    const { sql, rows } = piece;
    try {
      await (rows === undefined ? client.query(sql) : copyIn(client, sql, rows));
    } catch (error) {
      throw seedProblem(planFolder, placeIn(piece, error), inWords(error));
    }
  }
}

async function readSeed(planFolder: string): Promise<SeedPiece[]> {
  try {
    return readSeedScript(await readFile(join(planFolder, 'local', 'seed.sql'), 'utf8'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
      return [];
    }
    throw error instanceof SeedUnreadable
      ? seedProblem(planFolder, `: line ${error.line}`, error.why)
      : new PlanInvalid(planFolder, [`local/seed.sql cannot be read: ${inWords(error)}`]);
  }
}

function seedProblem(planFolder: string, place: string, why: string): PlanInvalid {
  return new PlanInvalid(planFolder, [`local/seed.sql${place}: ${why}`]);
}

/** The server counts characters from 1; of rows it names the line within them, and for what else fails while a statement runs no place. */
function placeIn({ sql, line, rows }: SeedPiece, error: unknown): string {
  if (rows !== undefined) {
    const within = error instanceof DatabaseError ? /^COPY .*?, line (\d+)/.exec(error.where ?? '')?.[1] : undefined;
    return `: line ${line + sql.split('\n').length - 1 + Number(within ?? 0)}`;
  }
  const position = error instanceof DatabaseError ? Number(error.position) : Number.NaN;
  return position > 0 ? `: line ${line + [...sql].slice(0, position - 1).filter((it) => it === '\n').length}` : '';
}

function inWords(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return error instanceof DatabaseError && error.code === UNDEFINED_OBJECT && /^role /.test(message)
    ? `${message}; create it at the beginning of the seed, or dump with --no-owner --no-privileges`
    : message;
}
