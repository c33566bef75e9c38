/** Describe, create and delete DB parameter groups. */
import type { Account } from '../model/account';
import { parseIdentifier } from '../model/identifiers';
import type { ParameterGroupRecord } from '../model/records';
import { RdsFault } from '../protocol/rds-fault';
import { list, type XmlTree } from '../protocol/xml';
import { filtered } from './filters';
import { page } from './paging';
import type { Action } from './service';
import { readTags } from './tag-lists';

export const createDBParameterGroup: Action = async (request, { account }) => {
  const name = parseIdentifier('DBParameterGroupName', request.requiredText('DBParameterGroupName'));
  const family = request.requiredText('DBParameterGroupFamily');
  const description = request.requiredText('Description');
  const tags = readTags(request) ?? {};
  request.refuseUnread();
  if (family !== account.family) {
    throw new RdsFault(
      'InvalidParameterValue',
      `ParameterGroupFamily ${family} is not a valid parameter group family. The local RDS endpoint has ${account.family} only.`,
    );
  }
  if (account.parameterGroups.some((group) => group.name === name)) {
    throw new RdsFault('DBParameterGroupAlreadyExists', `Parameter group ${name} already exists.`);
  }
  if (account.parameterGroups.length >= account.quotas.parameterGroups) {
    const { parameterGroups } = account.quotas;
    throw new RdsFault('DBParameterGroupQuotaExceeded', `The quota of ${parameterGroups} parameter groups is used up.`);
  }
  const group: ParameterGroupRecord = { name, family, description, values: {}, tags };
  account.parameterGroups.push(group);
  await account.save();
  return { DBParameterGroup: parameterGroupView(group, account) };
};

export const describeDBParameterGroups: Action = async (request, { account }) => {
  const name = request.text('DBParameterGroupName');
  const all = name === undefined ? account.parameterGroups : [account.parameterGroup(name)];
  const { items, marker } = page(request, filtered(request, all, {}), (group) => group.name);
  request.refuseUnread();
  return {
    DBParameterGroups: list(
      'DBParameterGroup',
      items.map((group) => parameterGroupView(group, account)),
    ),
    Marker: marker,
  };
};

export const deleteDBParameterGroup: Action = async (request, { account }) => {
  const group = account.parameterGroup(request.requiredText('DBParameterGroupName'));
  request.refuseUnread();
  if (group.name === account.defaultParameterGroup) {
    throw new RdsFault('InvalidDBParameterGroupState', 'Default DB parameter groups cannot be deleted.');
  }
  const user = account.instances.find(({ parameterGroup }) => parameterGroup === group.name);
  if (user) {
    throw new RdsFault(
      'InvalidDBParameterGroupState',
      `One or more database instances are still members of this parameter group ${group.name}, so the group cannot be deleted: ${user.identifier}.`,
    );
  }
  account.parameterGroups.splice(account.parameterGroups.indexOf(group), 1);
  await account.save();
  return {};
};

function parameterGroupView(group: ParameterGroupRecord, account: Account): XmlTree {
  return {
    DBParameterGroupName: group.name,
    DBParameterGroupFamily: group.family,
    Description: group.description,
    DBParameterGroupArn: account.arns.of('pg', group.name),
  };
}
