/** Which function may do what: the rights its needs take, as shape, endpoint and network say. */
import type { DatabaseUsers, Need, NetworkNeed } from '../core/needs';
import { PHASE_ROWS, type PhaseName } from '../core/phases';
import { ROUTE53_GRANTS } from '../endpoints/route53/grants';
import type { Grant, GrantFor, GrantTarget } from '../ports/grant';
import { INSTANCE_GRANTS } from '../shapes/instance/grants';

/** The phases, and the guard, which looks after them. */
export type FunctionName = PhaseName | 'guard';

const NETWORK_GRANTS: Readonly<Record<NetworkNeed, GrantFor>> = {
  readSecurityGroups: () => [
    {
      actions: ['ec2:DescribeSecurityGroups', 'ec2:DescribeSubnets'],
      resources: ['*'],
      wildcard: 'EC2 does not authorise the items of a listing one by one; reading descriptions changes nothing',
    },
  ],
};

const GRANTS: Readonly<Record<Need, GrantFor>> = { ...INSTANCE_GRANTS, ...ROUTE53_GRANTS, ...NETWORK_GRANTS };

const OF_THE_GUARD: { readonly users: DatabaseUsers; readonly needs: readonly Need[] } = {
  users: 'run',
  needs: ['describe'],
};

export function databaseUsers(name: FunctionName): DatabaseUsers {
  return rowOf(name).users;
}

export function grantsOf(name: FunctionName, target: GrantTarget): Grant[] {
  return rowOf(name).needs.flatMap((need) => GRANTS[need](target));
}

function rowOf(name: FunctionName) {
  return name === 'guard' ? OF_THE_GUARD : PHASE_ROWS[name];
}
