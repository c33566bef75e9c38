/** The events RDS publishes for what happens here: their ids, sources, categories and messages. */
import type { EventSource } from './records';

interface EventKind {
  source: EventSource;
  categories: readonly string[];
  message: (detail: string) => string;
}

const instance = (category: string, message: string | ((detail: string) => string)): EventKind => ({
  source: 'db-instance',
  categories: [category],
  message: typeof message === 'string' ? () => message : message,
});

export const EVENTS = {
  'RDS-EVENT-0001': instance('backup', 'Backing up DB instance'),
  'RDS-EVENT-0002': instance('backup', 'Finished DB Instance backup'),
  'RDS-EVENT-0003': instance('deletion', 'DB instance deleted'),
  'RDS-EVENT-0004': instance('availability', 'DB instance shutdown'),
  'RDS-EVENT-0005': instance('creation', 'DB instance created'),
  'RDS-EVENT-0006': instance('availability', 'DB instance restarted'),
  'RDS-EVENT-0011': instance('configuration change', (group) => `Updated to use DBParameterGroup ${group}`),
  'RDS-EVENT-0014': instance('configuration change', 'Finished applying modification to DB instance class'),
  'RDS-EVENT-0016': instance('configuration change', 'Reset master credentials'),
  'RDS-EVENT-0020': instance(
    'recovery',
    'Recovery of the DB instance has started. Recovery time will vary with the amount of data to be recovered.',
  ),
  'RDS-EVENT-0021': instance('recovery', 'Recovery of the DB instance is complete.'),
  'RDS-EVENT-0031': instance('failure', (reason) => `DB instance put into an unusable state. ${reason}`),
  'RDS-EVENT-0037': {
    source: 'db-parameter-group',
    categories: ['configuration change'],
    message: (change) => `Updated parameter ${change}`,
  },
  'RDS-EVENT-0040': {
    source: 'db-snapshot',
    categories: ['creation'],
    message: () => 'Creating manual snapshot',
  },
  'RDS-EVENT-0041': { source: 'db-snapshot', categories: ['deletion'], message: () => 'Deleted manual snapshot' },
  'RDS-EVENT-0042': { source: 'db-snapshot', categories: ['creation'], message: () => 'Manual snapshot created' },
  'RDS-EVENT-0043': {
    source: 'db-snapshot',
    categories: ['restoration'],
    message: (restored) => `Restored from snapshot ${restored}`,
  },
  // Not an event of RDS, which has none for a failed manual snapshot; its message tells the local cause.
  'LOCAL-EVENT-SNAPSHOT-FAILED': {
    source: 'db-snapshot',
    categories: ['failure'],
    message: (reason) => `The snapshot failed. ${reason}`,
  },
} as const satisfies Record<string, EventKind>;

export type EventId = keyof typeof EVENTS;
