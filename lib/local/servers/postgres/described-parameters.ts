/** The parameters of the server as parameter groups show them, read from the server program itself; and what RDS makes of their values. */
import type { ServerParameter, ServerSettings } from '../server';
import { BASE_SETTINGS } from './base-settings';

export const LOGICAL_REPLICATION = 'rds.logical_replication';

/** What the service, here the local runtime, sets itself. */
const RESERVED =
  /^(allow_alter_system|archive_.*|autovacuum_worker_slots|bonjour.*|config_file|data_directory.*|debug_.*|dynamic_shared_memory_type|event_source|external_pid_file|fsync|full_page_writes|hba_file|huge_page.*|ident_file|include.*|io_method|krb_.*|listen_addresses|log_directory|log_filename|logging_collector|oauth_.*|port|primary_.*|recovery_.*|restore_command|restart_after_crash|shared_memory_type|ssl.*|superuser_reserved_connections|syslog_.*|unix_socket_.*|wal_level|wal_sync_method|zero_damaged_pages|ignore_.*)$/;

const DATA_TYPES: Record<string, ServerParameter['dataType']> = {
  BOOLEAN: 'boolean',
  INTEGER: 'integer',
  REAL: 'float',
};

/** @param described what `postgres --describe-config` prints */
export function parametersOf(described: string): ServerParameter[] {
  const parameters: ServerParameter[] = described
    .split('\n')
    .filter((line) => line !== '')
    .map(parseLine);
  parameters.push({
    name: LOGICAL_REPLICATION,
    description: 'Enables logical decoding.',
    dataType: 'boolean',
    defaultValue: '0',
    applyType: 'static',
    modifiable: true,
  });
  return parameters.sort((a, b) => (a.name < b.name ? -1 : 1));
}

function parseLine(line: string): ServerParameter {
  const [name = '', context = '', , type = '', value = '', minimum = '', maximum = '', short = ''] = line.split('\t');
  const dataType = DATA_TYPES[type] ?? 'string';
  const numeric = dataType === 'integer' || dataType === 'float';
  return {
    name,
    description: short,
    dataType,
    defaultValue: BASE_SETTINGS[name] ?? (dataType === 'boolean' ? (value === 'TRUE' ? '1' : '0') : value),
    applyType: context === 'postmaster' ? 'static' : 'dynamic',
    modifiable: !RESERVED.test(name),
    ...(numeric ? { minimum: Number(minimum), maximum: Number(maximum) } : {}),
  };
}

/** RDS's own parameters are no server parameters, but a server keeps any that has a dot, and SHOW shows them, as on RDS. */
export function settingsOf(values: Readonly<Record<string, string>>): ServerSettings {
  const logical = /^(1|on|true)$/i.test(values[LOGICAL_REPLICATION] ?? '0');
  return {
    ...BASE_SETTINGS,
    ...values,
    [LOGICAL_REPLICATION]: logical ? 'on' : 'off',
    wal_level: logical ? 'logical' : 'replica',
  };
}
