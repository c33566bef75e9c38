/** Asks both servers which types can be read as which. */
import type { AlteredType, Readable } from '../../../core/comparison';
import { DatabaseRefused } from '../../../core/errors';
import type { Session } from '../session/session';

/** @param altered types as the server formats them, so that they need no quoting */
export async function readableTypes(blue: Session, green: Session, altered: readonly AlteredType[]): Promise<Readable> {
  const sessions = { blue, green };
  const known = new Set<string>();
  for (const types of altered) {
    for (const side of ['blue', 'green'] as const) {
      const [from, to] = side === 'blue' ? [types.blue, types.green] : [types.green, types.blue];
      if (await canRead(sessions[side], from, to)) {
        known.add(JSON.stringify([side, from, to]));
      }
    }
  }
  return (side, from, to) => known.has(JSON.stringify([side, from, to]));
}

async function canRead(session: Session, from: string, to: string): Promise<boolean> {
  try {
    await session.transaction(() => session.query(`select null::${from}::${to}`));
    return true;
  } catch (error) {
    if (error instanceof DatabaseRefused) {
      return false;
    }
    throw error;
  }
}
