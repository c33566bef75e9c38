/** Asks the database whether it would run the workload: after the run it would be too late to learn that it does not. */
import { Client } from 'pg';
import type { Workload } from './workload';
import { WorkloadUnusable } from './workload-unusable';

export interface WorkloadLogin {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly password: string;
}

/** What can be explained; `call`, for one, cannot, and is seen to fail only when it runs. */
const EXPLAINABLE = /^(?:\s|--[^\n]*\n|\/\*[\s\S]*?\*\/)*(?:select|insert|update|delete|merge|with|values|table)\b/i;

/**
 * Plans both statements without running them, which also checks names, types and rights.
 *
 * @throws WorkloadUnusable
 */
export async function requireUsableWorkload(workload: Workload, login: WorkloadLogin): Promise<void> {
  const client = new Client({ ...login, application_name: 'workload check' });
  await client.connect();
  try {
    for (const kind of ['write', 'read'] as const) {
      if (EXPLAINABLE.test(workload[kind])) {
        await client.query(`explain (generic_plan) ${workload[kind]}`).catch((error: Error) => {
          throw new WorkloadUnusable(kind, login.user, error);
        });
      }
    }
  } finally {
    await client.end();
  }
}
