/** CreateDBInstance: a new server with the roles of an RDS instance. */
import type { ServerSoftware } from '../../servers/server';
import { parseDatabaseName, parseIdentifier, parseMasterPassword, parseMasterUsername } from '../model/identifiers';
import type { InstanceSettings } from '../model/instance-settings';
import { wantedParameters } from '../model/parameter-values';
import type { InstanceRecord } from '../model/records';
import { newResourceId } from '../model/resource-id';
import { requireStorage } from '../model/storage';
import type { QueryRequest } from '../protocol/query-request';
import { RdsFault } from '../protocol/rds-fault';
import { instanceView } from './instance-view';
import type { Action, Service } from './service';
import { initialSettings, readSettings, requireConsistent } from './settings';
import { readTags } from './tag-lists';

export const createDBInstance: Action = async (request, service) => {
  const { account, operations, software } = service;
  const identifier = parseIdentifier('DBInstanceIdentifier', request.requiredText('DBInstanceIdentifier'));
  const password = parseMasterPassword(request.requiredText('MasterUserPassword'));
  const port = request.integer('Port');
  const given = readSettings(request, () => true);
  const instance = readInstance(identifier, given, request, service);
  request.refuseUnread();
  requireConsistent(instance.settings);
  requireStorage(given, instance.settings, account.engine);
  account.addInstance(instance);
  try {
    instance.port = await service.choosePort(port);
  } catch (error) {
    account.removeInstance(instance);
    throw error;
  }
  const stages: ('initialize' | 'first-backup')[] = ['initialize'];
  if (Number(instance.settings.BackupRetentionPeriod) > 0) stages.push('first-backup');
  operations.begin(instance, { stages, masterPasswordVerifier: software.passwordVerifier(password) });
  await account.save();
  return { DBInstance: instanceView(instance, account) };
};

function readInstance(
  identifier: string,
  given: InstanceSettings,
  request: QueryRequest,
  service: Service,
): InstanceRecord {
  const { account, software } = service;
  requireEngine(request, software);
  request.requiredText('DBInstanceClass');
  const masterUsername = parseMasterUsername(request.requiredText('MasterUsername'));
  const databaseName = request.text('DBName');
  const parameterGroup = account.parameterGroup(request.text('DBParameterGroupName') ?? account.defaultParameterGroup);
  return {
    identifier,
    resourceId: newResourceId('db'),
    status: 'creating',
    createdAt: account.now(),
    engineVersion: software.version,
    masterUsername,
    ...(databaseName === undefined ? {} : { databaseName: parseDatabaseName(databaseName) }),
    port: 0,
    settings: { ...initialSettings(account.arns.region, software), ...given },
    pending: {},
    parameterGroup: parameterGroup.name,
    parameterApplyStatus: 'in-sync',
    appliedParameters: wantedParameters(parameterGroup),
    roles: [],
    tags: readTags(request) ?? {},
    operation: null,
  };
}

/** @throws RdsFault for any engine but the one that is installed; a version may be given by its major number alone */
export function requireEngine(request: QueryRequest, { engine, version, major }: ServerSoftware): void {
  const asked = request.text('Engine') ?? engine;
  if (asked !== engine) {
    throw new RdsFault(
      'InvalidParameterValue',
      `Invalid DB engine: ${asked}. The local RDS endpoint has "${engine}" only.`,
    );
  }
  const askedVersion = request.text('EngineVersion') ?? version;
  if (askedVersion !== version && askedVersion !== String(major)) {
    throw new RdsFault(
      'InvalidParameterCombination',
      `Cannot find version ${askedVersion} for ${engine}. The binaries installed here are of version ${version}.`,
    );
  }
}
