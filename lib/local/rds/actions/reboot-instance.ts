/** RebootDBInstance: restarts the server, which takes over static parameters. */
import { RdsFault } from '../protocol/rds-fault';
import { instanceView } from './instance-view';
import type { Action } from './service';

export const rebootDBInstance: Action = async (request, { account, operations }) => {
  const identifier = request.requiredText('DBInstanceIdentifier');
  const failover = request.boolean('ForceFailover') ?? false;
  request.refuseUnread();
  const found = account.instance(identifier);
  // A reboot is also the way back from parameters the server did not start with, once the group is mended.
  const instance = found.status === 'incompatible-parameters' ? found : account.availableInstance(identifier);
  if (failover && !instance.settings.MultiAZ) {
    throw new RdsFault(
      'InvalidParameterCombination',
      `ForceFailover needs a Multi-AZ instance, and ${identifier} is not one.`,
    );
  }
  operations.begin(instance, { stages: ['reboot'] });
  await account.save();
  return { DBInstance: instanceView(instance, account) };
};
