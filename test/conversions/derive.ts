/** The table of conversions, derived by trying them on the oldest and the newest major. */
import type { Conversion, Verdict } from '../../lib/engines/postgres/way-back/conversions';
import { OLDEST_AND_NEWEST } from '../support/majors';
import { SAMPLES, type Sample } from './samples';
import { Trial } from './trial';
import { FORMS, TrialServer } from './trial-server';

export async function derive(
  chosen: (from: Sample, to: Sample) => boolean,
  tell: (what: string) => void = () => undefined,
): Promise<Conversion[]> {
  const table = new Map<string, Conversion>();
  for (const found of (await Promise.all(OLDEST_AND_NEWEST.map((major) => deriveOn(major, chosen, tell)))).flat()) {
    const key = JSON.stringify([found.from, found.to, found.width]);
    table.set(key, worseOf(table.get(key), found));
  }
  return [...table.values()];
}

async function deriveOn(
  major: number,
  chosen: (from: Sample, to: Sample) => boolean,
  tell: (what: string) => void,
): Promise<Conversion[]> {
  const server = await TrialServer.start(major);
  try {
    const trial = new Trial(server);
    const all: Conversion[] = [];
    for (const from of SAMPLES) {
      tell(`${major}: ${from.type}`);
      for (const to of SAMPLES) {
        const found = from !== to && chosen(from, to) ? await trial.of(from, to) : undefined;
        all.push(...(found ? [found] : []));
      }
    }
    return all;
  } finally {
    await server.close();
  }
}

/** What does not hold for one pair of modifiers, or on one major, is not said of the class. */
function worseOf(known: Conversion | undefined, found: Conversion): Conversion {
  if (!known) {
    return found;
  }
  const { from, to, width } = found;
  const forms: Partial<Record<(typeof FORMS)[number], Verdict>> = {};
  for (const form of FORMS) {
    const worse = worst(known[form], found[form]);
    if (worse !== undefined) {
      forms[form] = worse;
    }
  }
  const written = known.written === 'anew' ? known.written : (found.written ?? known.written);
  const key = worst(known.key, found.key, 'no equality');
  const back = worst(known.back, found.back, 'but blanks');
  return { from, to, width, ...forms, ...(written && { written }), ...(key && { key }), ...(back && { back }) };
}

function worst<One>(known: One | undefined, found: One | undefined, between?: One): One | undefined {
  const order = (one: One | undefined) => (one === undefined ? -1 : one === 'same' ? 0 : one === between ? 1 : 2);
  return order(found) > order(known) ? found : known;
}
