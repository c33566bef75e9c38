/** What the actions of the RDS API work on, and the shape of an action. */

import type { ServerParameter, ServerSoftware } from '../../servers/server';
import type { Account } from '../model/account';
import type { InstanceRecord } from '../model/records';
import type { Operations } from '../operations/operations';
import type { QueryRequest } from '../protocol/query-request';
import type { XmlTree } from '../protocol/xml';

export interface Service {
  account: Account;
  operations: Operations;
  /** Of the engine, by their names. */
  parameters: ReadonlyMap<string, ServerParameter>;
  /** Of the servers behind every instance. */
  software: ServerSoftware;
  /** What an instance's server has logged. */
  readLog(instance: InstanceRecord): Promise<string>;
  /** A port for a new instance: the one asked for, if it can be had, or a free one. */
  choosePort(requested: number | undefined): Promise<number>;
}

/** Reads all its parameters and checks everything before it changes anything; returns once the change is on disk. */
export type Action = (request: QueryRequest, service: Service) => Promise<XmlTree>;
