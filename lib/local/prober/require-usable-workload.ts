/** Asks the database whether it would run the workload: after the run it would be too late to learn that it does not. */
import { Client } from 'pg';
import { type Statement, statementsOf } from './statements';
import { storedColumns } from './stored-columns';
import { OPERATIONS, type Workload } from './workload';
import { WorkloadUnusable } from './workload-unusable';

export interface WorkloadLogin {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly password: string;
}

/** What can be prepared; `call`, for one, cannot, and is seen to fail only when it runs. */
const PREPARABLE = /^(?:\s|--[^\n]*\n|\/\*[\s\S]*?\*\/)*(?:select|insert|update|delete|merge|with|values|table)\b/i;

/**
 * Plans every statement without running any, which also checks names, types and rights, and looks at what the read returns.
 *
 * @throws WorkloadUnusable
 */
export async function requireUsableWorkload(workload: Workload, login: WorkloadLogin): Promise<void> {
  const client = new Client({ ...login, application_name: 'workload check' });
  await client.connect();
  try {
    // A plan for any parameters: the values to come are unknown.
    await client.query('set plan_cache_mode = force_generic_plan');
    for (const kind of OPERATIONS) {
      for (const statement of statementsOf(workload[kind] ?? '')) {
        await explain(client, statement).catch((error: Error) => {
          throw new WorkloadUnusable(kind, login.user, error);
        });
      }
    }
    await describeRead(client, workload).catch((error: Error) => {
      throw new WorkloadUnusable('read', login.user, error);
    });
  } finally {
    await client.end();
  }
}

/** Not `explain (generic_plan)`, which older servers do not know. */
async function explain(client: Client, { text, parameters }: Statement): Promise<void> {
  if (!PREPARABLE.test(text)) return;
  await client.query(`prepare attempt as ${text}`);
  const nulls = parameters.map(() => 'null').join(', ');
  await client.query(`explain execute attempt${nulls && `(${nulls})`}`);
  await client.query('deallocate attempt');
}

/** A cursor of which nothing is fetched tells the columns without running the query. */
async function describeRead(client: Client, workload: Workload): Promise<void> {
  const [read] = statementsOf(workload.read);
  await client.query(`begin; declare stored no scroll cursor for ${read?.text}`);
  const { fields } = await client.query('fetch 0 from stored');
  await client.query('rollback');
  storedColumns(fields, workload);
}
