/** The parameters of the engine as parameter groups show them, read from the server program itself. */
import { BASE_SETTINGS } from '../../servers/postgres/base-settings';
import { RdsFault } from '../protocol/rds-fault';

export interface EngineParameter {
  name: string;
  description: string;
  dataType: 'boolean' | 'integer' | 'float' | 'string';
  defaultValue: string;
  /** `static`: takes effect with the next reboot only. */
  applyType: 'static' | 'dynamic';
  modifiable: boolean;
  minimum?: number;
  maximum?: number;
}

export const LOGICAL_REPLICATION = 'rds.logical_replication';

/** What the service, here the local runtime, sets itself. */
const RESERVED =
  /^(allow_alter_system|archive_.*|autovacuum_worker_slots|bonjour.*|config_file|data_directory.*|debug_.*|dynamic_shared_memory_type|event_source|external_pid_file|fsync|full_page_writes|hba_file|huge_page.*|ident_file|include.*|io_method|krb_.*|listen_addresses|log_directory|log_filename|logging_collector|oauth_.*|port|primary_.*|recovery_.*|restore_command|restart_after_crash|shared_memory_type|ssl.*|superuser_reserved_connections|syslog_.*|unix_socket_.*|wal_level|wal_sync_method|zero_damaged_pages|ignore_.*)$/;

const DATA_TYPES: Record<string, EngineParameter['dataType']> = {
  BOOLEAN: 'boolean',
  INTEGER: 'integer',
  REAL: 'float',
};

/** @param described what `postgres --describe-config` prints */
export function parseEngineParameters(described: string): Map<string, EngineParameter> {
  const parameters = described
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
  parameters.sort((a, b) => (a.name < b.name ? -1 : 1));
  return new Map(parameters.map((parameter) => [parameter.name, parameter]));
}

function parseLine(line: string): EngineParameter {
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

/** @throws RdsFault InvalidParameterValue */
export function requireValidValue(parameter: EngineParameter, value: string): void {
  const { name, dataType, minimum = Number.NEGATIVE_INFINITY, maximum = Number.POSITIVE_INFINITY } = parameter;
  const refuse = (allowed: string) =>
    new RdsFault(
      'InvalidParameterValue',
      `Invalid parameter value: ${value} for: ${name} allowed values are: ${allowed}`,
    );
  if (!parameter.modifiable) {
    throw new RdsFault('InvalidParameterValue', `The parameter ${name} cannot be modified.`);
  }
  if (dataType === 'boolean' && !/^(0|1|on|off|true|false)$/i.test(value)) throw refuse('0,1');
  if (dataType === 'integer' || dataType === 'float') {
    const number = Number(value);
    const wellFormed = dataType === 'integer' ? /^-?\d+$/.test(value) : value.trim() !== '' && Number.isFinite(number);
    if (!wellFormed || number < minimum || number > maximum) throw refuse(`${minimum}-${maximum}`);
  }
}
