/** DescribeDBParameters and ModifyDBParameterGroup: the parameters inside a group, and how they reach the servers. */
import type { ServerParameter } from '../../servers/server';
import type { InstanceStatus } from '../model/instance-status';
import { requireValidValue } from '../model/parameter-check';
import type { ParameterGroupRecord } from '../model/records';
import type { QueryRequest } from '../protocol/query-request';
import { RdsFault } from '../protocol/rds-fault';
import { list, type XmlTree } from '../protocol/xml';
import { filtered } from './filters';
import { page } from './paging';
import type { Action, Service } from './service';

/** RDS's own limit. */
const MOST_PARAMETERS_PER_CALL = 20;

/** An instance without a running server learns the values with its next reboot. */
const WITHOUT_SERVER: readonly InstanceStatus[] = ['creating', 'deleting', 'failed', 'incompatible-parameters'];

interface Change {
  parameter: ServerParameter;
  value: string;
  applyMethod: 'immediate' | 'pending-reboot';
}

export const describeDBParameters: Action = async (request, { account, parameters }) => {
  const group = account.parameterGroup(request.requiredText('DBParameterGroupName'));
  const source = request.text('Source');
  const all = filtered(request, [...parameters.values()], { 'parameter-name': ({ name }) => [name] }).filter(
    (parameter) => source === undefined || sourceOf(parameter, group) === source,
  );
  const { items, marker } = page(request, all, ({ name }) => name);
  request.refuseUnread();
  return {
    Parameters: list(
      'Parameter',
      items.map((parameter) => parameterView(parameter, group)),
    ),
    Marker: marker,
  };
};

export const modifyDBParameterGroup: Action = async (request, service) => {
  const { account, operations } = service;
  const group = account.parameterGroup(request.requiredText('DBParameterGroupName'));
  const changes = readChanges(request, service);
  request.refuseUnread();
  if (group.name === account.defaultParameterGroup) {
    throw new RdsFault('InvalidDBParameterGroupState', `The default parameter group ${group.name} cannot be modified.`);
  }
  for (const { parameter, value, applyMethod } of changes) {
    group.values[parameter.name] = { value, applyMethod };
    account.publish('RDS-EVENT-0037', group.name, `${parameter.name} to ${value} with apply method ${applyMethod}`);
  }
  for (const instance of account.instances.filter(({ parameterGroup }) => parameterGroup === group.name)) {
    if (WITHOUT_SERVER.includes(instance.status)) instance.parameterApplyStatus = 'pending-reboot';
    else operations.applyParameters(instance);
  }
  await account.save();
  return { DBParameterGroupName: group.name };
};

function readChanges(request: QueryRequest, { parameters }: Service): Change[] {
  const records = request.records('Parameters') ?? [];
  if (records.length === 0 || records.length > MOST_PARAMETERS_PER_CALL) {
    throw new RdsFault(
      'InvalidParameterValue',
      `Parameters must have 1 to ${MOST_PARAMETERS_PER_CALL} members, not ${records.length}.`,
    );
  }
  return records.map((record) => readChange(record, parameters));
}

function readChange(record: QueryRequest, parameters: Service['parameters']): Change {
  const name = record.requiredText('ParameterName');
  const value = record.text('ParameterValue') ?? '';
  const applyMethod = record.text('ApplyMethod') ?? 'pending-reboot';
  const parameter = parameters.get(name);
  if (!parameter) throw new RdsFault('InvalidParameterValue', `Could not find parameter with name: ${name}`);
  requireValidValue(parameter, value);
  if (applyMethod !== 'immediate' && applyMethod !== 'pending-reboot') {
    throw new RdsFault(
      'InvalidParameterValue',
      `Invalid ApplyMethod ${applyMethod}: must be immediate or pending-reboot.`,
    );
  }
  if (applyMethod === 'immediate' && parameter.applyType === 'static') {
    throw new RdsFault('InvalidParameterCombination', `cannot use immediate apply method for static parameter ${name}`);
  }
  return { parameter, value, applyMethod };
}

function sourceOf(parameter: ServerParameter, group: ParameterGroupRecord): 'user' | 'system' | 'engine-default' {
  if (group.values[parameter.name]) return 'user';
  return parameter.modifiable ? 'engine-default' : 'system';
}

function parameterView(parameter: ServerParameter, group: ParameterGroupRecord): XmlTree {
  const { name, minimum, maximum } = parameter;
  const set = group.values[name];
  const range = minimum === undefined ? undefined : `${minimum}-${maximum}`;
  return {
    ParameterName: name,
    ParameterValue: set?.value ?? (parameter.defaultValue === '' ? undefined : parameter.defaultValue),
    Description: parameter.description,
    Source: sourceOf(parameter, group),
    ApplyType: parameter.applyType,
    DataType: parameter.dataType,
    AllowedValues: parameter.dataType === 'boolean' ? '0,1' : range,
    IsModifiable: parameter.modifiable,
    ApplyMethod: set?.applyMethod ?? 'pending-reboot',
  };
}
