/** RDS's rules for the names that callers give. */
import { RdsFault } from '../protocol/rds-fault';

const RULES = {
  DBInstanceIdentifier: 63,
  NewDBInstanceIdentifier: 63,
  DBSnapshotIdentifier: 255,
  FinalDBSnapshotIdentifier: 255,
  DBParameterGroupName: 255,
} as const;

/**
 * Names are stored in lowercase.
 *
 * @throws RdsFault InvalidParameterValue
 */
export function parseIdentifier(parameter: keyof typeof RULES, value: string): string {
  const longest = RULES[parameter];
  const wellFormed = /^[a-z](?:-?[a-z0-9])*$/i.test(value) && value.length <= longest;
  if (wellFormed) return value.toLowerCase();
  throw new RdsFault(
    'InvalidParameterValue',
    `The parameter ${parameter} is not a valid identifier: ${JSON.stringify(value)}. Identifiers must have 1 to ${longest} ` +
      'characters, begin with a letter, contain only ASCII letters, digits, and hyphens, and must not end with a hyphen or contain two consecutive hyphens.',
  );
}

/** @throws RdsFault InvalidParameterValue */
export function parseMasterUsername(value: string): string {
  const wellFormed = /^[a-z][a-z0-9_]{0,62}$/i.test(value) && !/^(pg_|rds)/i.test(value);
  if (wellFormed) return value;
  throw new RdsFault(
    'InvalidParameterValue',
    `MasterUsername ${JSON.stringify(value)} cannot be used: it must have 1 to 63 letters, digits or underscores, begin with a letter, ` +
      'and not be reserved (pg_…, rds…).',
  );
}

/** @throws RdsFault InvalidParameterValue */
export function parseDatabaseName(value: string): string {
  if (/^[a-z_][a-z0-9_]{0,62}$/i.test(value) && !['template0', 'template1'].includes(value)) return value;
  throw new RdsFault(
    'InvalidParameterValue',
    `DBName ${JSON.stringify(value)} must have 1 to 63 letters, digits or underscores and begin with a letter or underscore.`,
  );
}

/** @throws RdsFault InvalidParameterValue, without the password in it */
export function parseMasterPassword(value: string): string {
  if (/^[\x21-\x7e]{8,128}$/.test(value) && !/[/'"@]/.test(value)) return value;
  throw new RdsFault(
    'InvalidParameterValue',
    'The parameter MasterUserPassword is not a valid password: it must have 8 to 128 printable ASCII characters other than "/", "@", quotes and spaces.',
  );
}

/** @throws RdsFault InvalidParameterValue */
export function parsePort(value: number): number {
  if (value >= 1150 && value <= 65535) return value;
  throw new RdsFault('InvalidParameterValue', `Invalid port ${value}: must be from 1150 to 65535.`);
}
