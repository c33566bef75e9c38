/** The other databases of the instance: the swap moves them all, so each has to be mentioned in the plan, or be empty. */
import type { MentionedDatabases } from '../../../ports/database';
import { Session } from '../session/session';
import { TABLES } from './guardrail';

interface OtherDatabase {
  readonly name: string;
  readonly enterable: boolean;
}

export async function otherDatabases(session: Session, mentioned: MentionedDatabases): Promise<string[]> {
  const databases = await session.query<OtherDatabase>(
    `select datname as name, has_database_privilege(oid, 'CONNECT') as enterable from pg_database
      where datallowconn and not datistemplate and datname not in (current_database(), 'rdsadmin') order by datname`,
  );
  const reasons = wrongNames(mentioned, [session.options.database, ...databases.map(({ name }) => name)]);
  for (const database of databases) {
    reasons.push(...(await whyInTheWay(session, database, mentioned)));
  }
  return reasons;
}

function wrongNames({ followed, abandoned }: MentionedDatabases, there: readonly string[]): string[] {
  const both = followed.filter((name) => abandoned.includes(name));
  const lists = Object.entries({ followedDatabases: followed, abandonedDatabases: abandoned });
  return [
    ...both.map(
      (name) =>
        `database "${name}" is named in followedDatabases and in abandonedDatabases; leave it in the one that is meant`,
    ),
    ...lists.flatMap(([list, names]) =>
      names
        .filter((name) => !there.includes(name))
        .map(
          (name) =>
            `${list} names "${name}", which is no database of the instance; it has ${there.map((one) => `"${one}"`).join(', ')}; correct the name or remove it`,
        ),
    ),
  ];
}

async function whyInTheWay(
  session: Session,
  { name, enterable }: OtherDatabase,
  { followed, abandoned }: MentionedDatabases,
): Promise<string[]> {
  if (abandoned.includes(name) || (followed.includes(name) && enterable)) {
    return [];
  }
  const grant = `GRANT CONNECT ON DATABASE "${name}" TO the run's user`;
  if (followed.includes(name)) {
    return [`database "${name}" is to move with the run, whose user may not connect to it; ${grant}`];
  }
  if (!enterable) {
    return [
      `database "${name}" on the same instance moves to green, too, and the run's user may not see whether it is empty; ${grant}, or name it in abandonedDatabases, or drop it`,
    ];
  }
  const tables = await countTables(session, name);
  return tables === '0'
    ? []
    : [
        `database "${name}" on the same instance has ${tables} tables and moves to green, too; name it in followedDatabases (it moves with the run) or in abandonedDatabases (what is written to it after the snapshot is lost)`,
      ];
}

async function countTables(session: Session, database: string): Promise<string> {
  const other = new Session({ ...session.options, database });
  try {
    const [row] = await other.query<{ tables: string }>(
      `select count(*)::text as tables from ${TABLES} and c.relkind in ('r', 'p')`,
    );
    return row?.tables ?? '0';
  } finally {
    await other.close();
  }
}
