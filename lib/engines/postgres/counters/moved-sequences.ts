/** Which sequences were used since they were read: one question with a short answer where none was, however many there are. */
import { createHash } from 'node:crypto';
import type { Session } from '../session/session';
import type { KnownSequences, SequenceValue } from './sequence-value';
import { LAST_VALUE, PECULIAR, readSequences } from './sequences';

const DIGEST = `
  select md5(string_agg(oid || ' ' || last, ',' order by oid)) as digest
    from (select seqrelid as oid, ${LAST_VALUE} as last from pg_sequence where seqrelid <> all ($1::oid[]) offset 0) now`;

interface Peculiar {
  readonly oid: string;
  readonly ours: boolean;
  readonly unlogged: boolean;
  readonly uncalled: boolean;
}

export class MovedSequences {
  private peculiar: readonly Peculiar[] | undefined;

  constructor(private readonly session: Session) {}

  /** Whether more than a few values are taken from them by nobody who does not write. */
  get areTraced(): boolean {
    return this.has(({ ours, unlogged }) => ours && unlogged) === false;
  }

  /** To be done once before, so that {@link since} is one question. */
  async prepare(): Promise<void> {
    this.peculiar ??= await this.session.query<Peculiar>(PECULIAR);
  }

  async since({ standing, busy }: KnownSequences): Promise<SequenceValue[]> {
    const theirs = (this.peculiar ?? []).filter(({ ours }) => !ours);
    const passedOver = new Set([...busy, ...theirs.map(({ oid }) => oid)]);
    // whether one that nobody called was set since is not told by what it handed out last
    if (this.has(({ ours, uncalled }) => ours && uncalled) === false) {
      const known = standing.filter(({ oid }) => !passedOver.has(oid));
      const [now] = await this.session.planned<{ digest: string | null }>(DIGEST, [[...passedOver]]);
      if (now?.digest === digestOf(known)) {
        return [];
      }
    }
    return (await readSequences(this.session, { movedSince: standing })).filter(({ oid }) => !passedOver.has(oid));
  }

  private has(peculiarity: (each: Peculiar) => boolean): boolean | undefined {
    return this.peculiar?.some(peculiarity);
  }
}

function digestOf(sequences: readonly SequenceValue[]): string | null {
  if (sequences.length === 0) {
    return null;
  }
  const sorted = [...sequences].sort((one, other) => Number(one.oid) - Number(other.oid));
  const text = sorted.map(({ oid, lastValue }) => `${oid} ${lastValue}`).join();
  return createHash('md5').update(text).digest('hex');
}
