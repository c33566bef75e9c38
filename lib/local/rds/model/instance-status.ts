/** The statuses an instance can have here, and which may follow which. */

const TRANSIENT = [
  'backing-up',
  'modifying',
  'renaming',
  'rebooting',
  'resetting-master-credentials',
  'configuring-enhanced-monitoring',
  'configuring-iam-database-auth',
  'configuring-log-exports',
  'deleting',
] as const;

const NEXT = {
  creating: ['backing-up', 'available', 'failed'],
  available: TRANSIENT,
  'storage-optimization': ['available', ...TRANSIENT],
  'backing-up': ['available', 'deleting', 'failed'],
  modifying: ['available', 'backing-up', 'storage-optimization', 'renaming', 'incompatible-parameters'],
  renaming: ['rebooting'],
  rebooting: ['available', 'incompatible-parameters'],
  'resetting-master-credentials': [
    'available',
    'configuring-enhanced-monitoring',
    'configuring-iam-database-auth',
    'configuring-log-exports',
    'modifying',
    'renaming',
  ],
  'configuring-enhanced-monitoring': [
    'available',
    'configuring-iam-database-auth',
    'configuring-log-exports',
    'modifying',
    'renaming',
  ],
  'configuring-iam-database-auth': ['available', 'configuring-log-exports', 'modifying', 'renaming'],
  'configuring-log-exports': ['available', 'configuring-iam-database-auth', 'modifying', 'renaming'],
  deleting: [],
  failed: ['deleting'],
  'incompatible-parameters': ['rebooting', 'modifying', 'deleting'],
} as const satisfies Record<string, readonly string[]>;

export type InstanceStatus = keyof typeof NEXT;

export class IllegalTransition extends Error {
  override readonly name = 'IllegalTransition';

  constructor(
    readonly from: InstanceStatus,
    readonly to: InstanceStatus,
  ) {
    super(`An instance cannot go from "${from}" to "${to}": this is a bug of the local RDS endpoint.`);
  }
}

/** @throws IllegalTransition */
export function requireLegal(from: InstanceStatus, to: InstanceStatus): void {
  const next: readonly InstanceStatus[] = NEXT[from];
  if (from !== to && !next.includes(to)) throw new IllegalTransition(from, to);
}
