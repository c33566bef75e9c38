/** The API that manages databases, as the phases need it: one implementation per shape (instance, later cluster). */
import type { Tags } from '../core/identifiers';
import type { Address } from '../core/run';
import type { Placement } from './network';

/** A database as the control plane describes it. */
export interface DatabaseDescription {
  readonly identifier: string;
  readonly resourceId: string;
  readonly arn: string;
  readonly status: string;
  /** Absent while the database is being created. */
  readonly address?: Address;
  /** The engine as RDS names it. */
  readonly engine: string;
  readonly readReplicaOf?: string;
  /** The secret in which RDS keeps the master user's password, where RDS manages it. */
  readonly managedSecretArn?: string;
  /** Parameter groups whose values the server has only after a reboot. */
  readonly awaitingReboot: readonly string[];
  readonly placement: Placement;
  readonly deletionProtection: boolean;
  readonly tags: Tags;
  /** What keeps it from being as it was asked to be, in words: pending modifications, parameters not in sync, a reboot that is due. */
  readonly unsettled: readonly string[];
}

export interface SnapshotDescription {
  readonly identifier: string;
  readonly sourceResourceId: string;
  readonly status: string;
  readonly percentProgress: number;
  readonly tags: Tags;
}

/**
 * Every method may be called again after a crash: what already is as asked counts as done.
 *
 * @throws ResourceBusy when RDS is at something else with the resource, so that nothing was done.
 * @throws TemporarilyUnavailable when the service throttles or does not answer; what was asked for may have been done.
 */
export interface ControlPlane {
  describe(identifier: string): Promise<DatabaseDescription | undefined>;
  /** Databases that runs of this plan handed the application over to. */
  handedOver(planName: string): Promise<readonly DatabaseDescription[]>;
  describeSnapshot(identifier: string): Promise<SnapshotDescription | undefined>;
  createSnapshot(identifier: string, source: string, tags: Tags): Promise<void>;
  deleteSnapshot(identifier: string): Promise<void>;
  /** Creates `identifier` from the snapshot with every setting of `like` that a restore does not take over by itself. */
  clone(identifier: string, snapshot: string, like: string, tags: Tags): Promise<void>;
  /**
   * Asks for the settings of `like` that can only be set once the clone exists, and reboots it if it waits for that.
   *
   * @returns what was asked for just now, in words; empty when nothing was missing.
   */
  settle(identifier: string, like: string): Promise<readonly string[]>;
  /**
   * The newest lines of the database server's own log, oldest first, without the statements they are about; a bounded number.
   *
   * @param sinceMs by the server's clock
   */
  serverLog(identifier: string, sinceMs: number): Promise<readonly string[]>;
  tag(identifier: string, tags: Tags): Promise<void>;
  setDeletionProtection(identifier: string, on: boolean): Promise<void>;
  /** Deletes the database; with `finalSnapshot`, after RDS has taken a snapshot of that name. */
  deleteDatabase(identifier: string, finalSnapshot?: string): Promise<void>;
}
