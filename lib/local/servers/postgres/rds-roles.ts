/** Gives a fresh server the roles and the database that a new RDS instance has. */
import { type Client, escapeIdentifier, escapeLiteral } from 'pg';
import type { PostgresServer } from './postgres-server';
import { grantReplicationFunctions, grantReplicationRoles, REPLICATION_ATTRIBUTE } from './rds-superuser';

export interface RdsRolesOptions {
  masterUsername: string;
  /** A SCRAM verifier, never the password itself. */
  masterPasswordVerifier: string;
  /** The database to create beside `postgres`. @default none */
  databaseName?: string | undefined;
}

/** May be called again on a server that has some or all of it: a runtime can be killed in between. */
export async function createRdsRoles(server: PostgresServer, options: RdsRolesOptions): Promise<void> {
  await server.asAdmin((admin) => createRoles(admin, options, server.major));
  await grantInEveryDatabase(server);
  await server.asAdmin((admin) => createDatabases(admin, options));
}

export async function setMasterPassword(admin: Client, masterUsername: string, verifier: string): Promise<void> {
  await admin.query(`ALTER ROLE ${escapeIdentifier(masterUsername)} PASSWORD ${escapeLiteral(verifier)}`);
}

async function createRoles(
  admin: Client,
  { masterUsername, masterPasswordVerifier }: RdsRolesOptions,
  major: number,
): Promise<void> {
  const master = escapeIdentifier(masterUsername);
  for (const role of ['rds_superuser', 'rds_replication']) {
    if (!(await roleExists(admin, role))) await admin.query(`CREATE ROLE ${role} NOLOGIN`);
  }
  await admin.query('GRANT pg_monitor, pg_signal_backend, pg_checkpoint TO rds_superuser WITH ADMIN OPTION');
  await grantReplicationRoles(admin, major);
  if (!(await roleExists(admin, masterUsername))) await admin.query(`CREATE ROLE ${master}`);
  await admin.query(
    `ALTER ROLE ${master} WITH LOGIN NOSUPERUSER CREATEDB CREATEROLE ${REPLICATION_ATTRIBUTE} VALID UNTIL 'infinity'`,
  );
  await setMasterPassword(admin, masterUsername, masterPasswordVerifier);
  await admin.query(`GRANT rds_superuser TO ${master} WITH ADMIN OPTION`);
}

/** Rights on functions belong to one database; a new one has those of the template it is made from. */
async function grantInEveryDatabase(server: PostgresServer): Promise<void> {
  const allowConnections = (allow: boolean) =>
    server.asAdmin((admin) => admin.query(`ALTER DATABASE template0 ALLOW_CONNECTIONS ${allow}`));
  await allowConnections(true);
  for (const database of ['template0', 'template1', 'postgres']) {
    await server.asAdmin((admin) => grantReplicationFunctions(admin, server.major), database);
  }
  await allowConnections(false);
}

async function createDatabases(admin: Client, { masterUsername, databaseName }: RdsRolesOptions): Promise<void> {
  const master = escapeIdentifier(masterUsername);
  await admin.query(`ALTER DATABASE postgres OWNER TO ${master}`);
  if (databaseName === undefined) return;
  const { rowCount } = await admin.query('SELECT FROM pg_database WHERE datname = $1', [databaseName]);
  if (rowCount === 0) await admin.query(`CREATE DATABASE ${escapeIdentifier(databaseName)} OWNER ${master}`);
}

async function roleExists(admin: Client, name: string): Promise<boolean> {
  const { rowCount } = await admin.query('SELECT FROM pg_roles WHERE rolname = $1', [name]);
  return rowCount === 1;
}
