/** AddRoleToDBInstance and RemoveRoleFromDBInstance. */
import { RdsFault } from '../protocol/rds-fault';
import type { Action } from './service';

export const addRoleToDBInstance: Action = async (request, { account }) => {
  const identifier = request.requiredText('DBInstanceIdentifier');
  const roleArn = request.requiredText('RoleArn');
  const featureName = request.requiredText('FeatureName');
  request.refuseUnread();
  const instance = account.availableInstance(identifier);
  if (instance.roles.some((role) => role.roleArn === roleArn || role.featureName === featureName)) {
    throw new RdsFault(
      'DBInstanceRoleAlreadyExists',
      `The role ${roleArn}, or one for ${featureName}, is already associated.`,
    );
  }
  instance.roles.push({ roleArn, featureName });
  await account.save();
  return {};
};

export const removeRoleFromDBInstance: Action = async (request, { account }) => {
  const identifier = request.requiredText('DBInstanceIdentifier');
  const roleArn = request.requiredText('RoleArn');
  const featureName = request.requiredText('FeatureName');
  request.refuseUnread();
  const instance = account.availableInstance(identifier);
  const index = instance.roles.findIndex((role) => role.roleArn === roleArn && role.featureName === featureName);
  if (index < 0)
    throw new RdsFault('DBInstanceRoleNotFound', `The role ${roleArn} is not associated with ${identifier}.`);
  instance.roles.splice(index, 1);
  await account.save();
  return {};
};
