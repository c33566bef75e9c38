/** A server on which values are converted as ALTER does it, and written and read as replication does it. */
import type { Client } from 'pg';
import { PostgresFixture } from '../support/postgres-fixture';
import { SAMPLES } from './samples';

/** A value that came out, byte by byte, and as it is written; or why none did. */
export type Outcome = { readonly image: string; readonly text: string } | { readonly state: string };

/** What ALTER COLUMN TYPE does: without USING, with `using c::type`, and with `using c::text::type`. */
export const FORMS = ['plain', 'cast', 'text'] as const;
export type Form = (typeof FORMS)[number];

/**
 * Whatever sessions may differ in that values depend on. A session of the run fixes the style of dates and the digits of
 * floats, the walsender that writes values besides the style of intervals (libpqwalreceiver.c); the rest is the database's.
 */
const SETTINGS = {
  usual: {
    timezone: 'UTC',
    datestyle: 'ISO, MDY',
    intervalstyle: 'postgres',
    bytea_output: 'hex',
    xmloption: 'content',
    search_path: 'public',
  },
  other: {
    timezone: 'America/New_York',
    datestyle: 'ISO, DMY',
    intervalstyle: 'sql_standard',
    bytea_output: 'escape',
    xmloption: 'document',
    search_path: '',
  },
} as const;
export type Setting = keyof typeof SETTINGS;

const ATTEMPT = `
  create function attempt(statement text, value text) returns text language plpgsql as $$
  declare made text;
  begin
    execute statement into made using value;
    return made;
  exception when others then
    return '!' || sqlstate;
  end $$`;

export class TrialServer {
  private readonly numbers = new Map<string, number>();
  private readonly known = new Map<string, string>();

  private constructor(
    private readonly fixture: PostgresFixture,
    private readonly sessions: Readonly<Record<'applying' | 'sending', Readonly<Record<Setting, Client>>>>,
  ) {}

  static async start(major: number): Promise<TrialServer> {
    const fixture = await PostgresFixture.start({ major });
    const database = await fixture.database(ATTEMPT);
    const session = async (settings: Readonly<Record<string, string>>) => {
      const client = await database.client('bluegreen');
      for (const [name, value] of Object.entries(settings)) {
        await client.query('select set_config($1, $2, false)', [name, value]);
      }
      return client;
    };
    const server = new TrialServer(fixture, {
      applying: {
        usual: await session({ ...SETTINGS.usual, extra_float_digits: '1' }),
        other: await session({ ...SETTINGS.other, extra_float_digits: '1' }),
      },
      sending: {
        usual: await session({ ...SETTINGS.usual, extra_float_digits: '3' }),
        other: await session({ ...SETTINGS.other, extra_float_digits: '3', intervalstyle: 'postgres' }),
      },
    });
    const first = server.sessions.applying.usual;
    await first.query(
      `create type mood as enum ('sad', 'ok', '1', 'true', 'Two words'); create type feeling as enum ('ok', 'sad', 'great', '1')`,
    );
    for (const [index, { type }] of SAMPLES.entries()) {
      await first.query(`create type r_${index} as (c ${type}); create unlogged table t_${index} (c ${type})`);
      server.numbers.set(type, index);
    }
    return server;
  }

  close(): Promise<void> {
    return this.fixture.close();
  }

  /** As the catalog names it. */
  async nameOf(type: string): Promise<string> {
    const { rows } = await this.sessions.applying.other.query<{ name: string }>(
      `select format_type(atttypid, atttypmod) as name from pg_attribute where attrelid = 'public.t_${this.number(type)}'::regclass and attnum = 1`,
    );
    return rows[0]?.name ?? '';
  }

  /** Reads texts as the apply worker does: by the type's input function, with the column's modifier. */
  read(type: string, setting: Setting, texts: readonly string[]): Promise<Outcome[]> {
    return this.attempts(this.sessions.applying[setting], `read ${setting}`, imageOf(`${this.value(type)}`), texts);
  }

  /** Writes values, which are given as texts in the usual settings, as the walsender does. */
  async write(type: string, setting: Setting, texts: readonly string[]): Promise<(string | undefined)[]> {
    const outcomes = await this.attempts(
      this.sessions.sending[setting],
      `write ${setting}`,
      `select 'x ' || concat(${this.value(type)})`,
      texts,
    );
    return outcomes.map((outcome) => ('text' in outcome ? outcome.text : undefined));
  }

  /** @returns undefined when the server knows no such conversion */
  async alter(
    from: string,
    to: string,
    form: Form,
    setting: Setting,
    texts: readonly string[],
  ): Promise<Outcome[] | undefined> {
    const value = this.value(from);
    const converted = {
      plain: `insert into public.t_${this.number(to)} (c) select ${value} returning ${shown('c')}`,
      cast: imageOf(`(${value})::${to}`),
      text: imageOf(`(${value})::text::${to}`),
    }[form];
    const session = this.sessions.applying[setting];
    const [first] = await this.attempts(session, '', converted, texts.slice(0, 1));
    if (!first || ('state' in first && IMPOSSIBLE.has(first.state))) {
      return undefined;
    }
    return this.attempts(session, '', converted, texts);
  }

  /** Which of the values are equal, by their numbers; undefined for a type without equality. */
  async classes(type: string, texts: readonly string[]): Promise<number[] | undefined> {
    try {
      const { rows } = await this.sessions.applying.usual.query<{ members: number[] }>(
        `select array_agg(n::int order by n) as members from unnest($1::text[]) with ordinality u (t, n) group by (t::public.r_${this.number(type)}).c`,
        [texts.map(asRecord)],
      );
      const classOf: number[] = [];
      for (const { members } of rows) {
        for (const member of members) {
          classOf[member - 1] = members[0] ?? 0;
        }
      }
      return classOf;
    } catch {
      return undefined;
    }
  }

  private number(type: string): number {
    const number = this.numbers.get(type);
    if (number === undefined) {
      throw new Error(`${type} is no sample`);
    }
    return number;
  }

  private value(type: string): string {
    return `($1::public.r_${this.number(type)}).c`;
  }

  private async attempts(
    session: Client,
    cache: string,
    statement: string,
    texts: readonly string[],
  ): Promise<Outcome[]> {
    const key = (text: string) => `${cache}\n${statement}\n${text}`;
    const missing = texts.filter((text) => cache === '' || !this.known.has(key(text)));
    const { rows } =
      missing.length === 0
        ? { rows: [] }
        : await session.query<{ made: string | null }>(
            'select public.attempt($1, t) as made from unnest($2::text[]) with ordinality u (t, n) order by n',
            [statement, missing.map(asRecord)],
          );
    const made = new Map(missing.map((text, index) => [text, rows[index]?.made ?? '!null']));
    if (cache !== '') {
      for (const [text, one] of made) {
        this.known.set(key(text), one);
      }
    }
    return texts.map((text) => outcomeOf(made.get(text) ?? this.known.get(key(text)) ?? '!null'));
  }
}

/** Wrong type of an assigned value; no cast. */
const IMPOSSIBLE: ReadonlySet<string> = new Set(['42804', '42846']);

/** The binary form does not depend on settings. */
function shown(expression: string): string {
  return `encode(record_send(row(${expression})), 'hex') || ' ' || concat(${expression})`;
}

function imageOf(expression: string): string {
  return `select ${shown('x')} from (select ${expression} as x) s`;
}

/** A row of one field is read field by field, each by its column's input function. */
function asRecord(text: string): string {
  return `("${text.replaceAll('\\', '\\\\').replaceAll('"', '""')}")`;
}

function outcomeOf(made: string): Outcome {
  if (made.startsWith('!')) {
    return { state: made.slice(1) };
  }
  const end = made.indexOf(' ');
  return { image: made.slice(0, end), text: made.slice(end + 1) };
}
