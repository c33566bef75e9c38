/** Gives a fresh server the roles and the database that a new RDS instance has. */
import { type Client, escapeIdentifier, escapeLiteral } from 'pg';

export interface RdsRolesOptions {
  masterUsername: string;
  /** A SCRAM verifier, never the password itself. */
  masterPasswordVerifier: string;
  /** The database to create beside `postgres`. @default none */
  databaseName?: string | undefined;
}

/** May be called again on a server that has some or all of it: a runtime can be killed in between. */
export async function createRdsRoles(admin: Client, options: RdsRolesOptions): Promise<void> {
  const { masterUsername, masterPasswordVerifier, databaseName } = options;
  const master = escapeIdentifier(masterUsername);
  if (!(await roleExists(admin, 'rds_superuser'))) await admin.query('CREATE ROLE rds_superuser NOLOGIN');
  await admin.query('GRANT pg_monitor, pg_signal_backend, pg_checkpoint TO rds_superuser WITH ADMIN OPTION');
  if (!(await roleExists(admin, masterUsername))) await admin.query(`CREATE ROLE ${master}`);
  await admin.query(`ALTER ROLE ${master} WITH LOGIN NOSUPERUSER CREATEDB CREATEROLE VALID UNTIL 'infinity'`);
  await setMasterPassword(admin, masterUsername, masterPasswordVerifier);
  await admin.query(`GRANT rds_superuser TO ${master} WITH ADMIN OPTION`);
  await admin.query(`ALTER DATABASE postgres OWNER TO ${master}`);
  if (databaseName === undefined) return;
  const { rowCount } = await admin.query('SELECT FROM pg_database WHERE datname = $1', [databaseName]);
  if (rowCount === 0) await admin.query(`CREATE DATABASE ${escapeIdentifier(databaseName)} OWNER ${master}`);
}

export async function setMasterPassword(admin: Client, masterUsername: string, verifier: string): Promise<void> {
  await admin.query(`ALTER ROLE ${escapeIdentifier(masterUsername)} PASSWORD ${escapeLiteral(verifier)}`);
}

async function roleExists(admin: Client, name: string): Promise<boolean> {
  const { rowCount } = await admin.query('SELECT FROM pg_roles WHERE rolname = $1', [name]);
  return rowCount === 1;
}
