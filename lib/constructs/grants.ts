/** Which phase may do what: one table from phase to the statements of its role. */
import { Aws } from 'aws-cdk-lib';
import { Effect } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { TAG_DISPOSABLE, TAG_PLAN } from '../core/identifiers';
import type { PhaseName } from '../core/phases';
import type { Plan } from '../core/plan';
import type { Grant } from './grant';
import type { ResourceArns } from './resource-arns';

export interface GrantTarget {
  readonly plan: Plan;
  readonly arns: ResourceArns;
  /** The key blue is encrypted with, where it is known. */
  readonly encryptionKey: IKey | undefined;
}

type GrantFor = (target: GrantTarget) => readonly Grant[];

/** Which database users a phase logs in as. A phase that logs in at all is placed in the VPC. */
export type DatabaseUsers = 'none' | 'run' | 'run-and-application';

/** The phases, and the guard, which looks after them. */
export type FunctionName = PhaseName | 'guard';

interface PhaseNeeds {
  readonly users: DatabaseUsers;
  readonly grants: readonly GrantFor[];
}

const OWN_NAMES =
  'the names of what a run creates end in a hash of its run id, which is not known before the run; the tags in the conditions narrow it further';

const describe: GrantFor = () => [
  {
    actions: ['rds:DescribeDBInstances', 'rds:DescribeDBSnapshots'],
    resources: ['*'],
    wildcard: 'RDS does not authorise the items of a listing one by one; reading descriptions changes nothing',
  },
];

const readServerLog: GrantFor = ({ arns }) => [
  {
    actions: ['rds:DescribeDBLogFiles', 'rds:DownloadDBLogFilePortion'],
    resources: [arns.blue, arns.greens],
    wildcard: OWN_NAMES,
  },
];

const readSecurityGroups: GrantFor = () => [
  {
    actions: ['ec2:DescribeSecurityGroups', 'ec2:DescribeSubnets'],
    resources: ['*'],
    wildcard: 'EC2 does not authorise the items of a listing one by one; reading descriptions changes nothing',
  },
];

const createSnapshot: GrantFor = ({ plan, arns }) => [
  {
    actions: ['rds:CreateDBSnapshot'],
    resources: [arns.blue, arns.snapshots],
    conditions: createdByThisPlan(plan),
    wildcard: OWN_NAMES,
  },
  {
    actions: ['rds:AddTagsToResource'],
    resources: [arns.snapshots],
    conditions: createdByThisPlan(plan),
    wildcard: OWN_NAMES,
  },
];

const deleteSnapshot: GrantFor = ({ plan, arns }) => [
  {
    actions: ['rds:DeleteDBSnapshot'],
    resources: [arns.snapshots],
    conditions: disposableOfThisPlan(plan),
    wildcard: OWN_NAMES,
  },
];

const createGreen: GrantFor = ({ plan, arns }) => [
  {
    actions: ['rds:RestoreDBInstanceFromDBSnapshot'],
    resources: [arns.greens, arns.snapshots, ...arns.groups],
    conditions: createdByThisPlan(plan),
    wildcard: `${OWN_NAMES}; green gets the parameter, option and subnet group blue has when the run starts`,
  },
  {
    actions: ['rds:AddTagsToResource'],
    resources: [arns.greens],
    conditions: createdByThisPlan(plan),
    wildcard: OWN_NAMES,
  },
];

const settleGreen: GrantFor = ({ plan, arns }) => [
  {
    actions: ['rds:ModifyDBInstance', 'rds:RebootDBInstance', 'rds:AddRoleToDBInstance'],
    resources: [arns.greens],
    conditions: disposableOfThisPlan(plan),
    wildcard: OWN_NAMES,
  },
  {
    actions: ['rds:ModifyDBInstance'],
    resources: arns.groups,
    wildcard:
      'RDS also authorises the groups an instance is moved to, and which ones blue has is not known before the run; without a right to an instance this one permits nothing',
  },
  {
    actions: ['iam:PassRole'],
    resources: [arns.roles],
    conditions: { StringEquals: { 'iam:PassedToService': ['monitoring.rds.amazonaws.com', 'rds.amazonaws.com'] } },
    wildcard:
      "green gets blue's roles for enhanced monitoring and for features such as S3 import, which are not known before the run; they can be handed to RDS only",
  },
];

const useEncryptionKey: GrantFor = ({ encryptionKey }) => {
  const resources = [encryptionKey?.keyArn ?? '*'];
  const viaService = { 'kms:ViaService': `rds.${Aws.REGION}.amazonaws.com` };
  const wildcard = 'the key blue is encrypted with is not known before the run; it is used through RDS only';
  return [
    { actions: ['kms:DescribeKey'], resources, conditions: { StringEquals: viaService }, wildcard },
    {
      actions: ['kms:CreateGrant'],
      resources,
      conditions: { StringEquals: viaService, Bool: { 'kms:GrantIsForAWSResource': 'true' } },
      wildcard,
    },
  ];
};

const deleteGreen: GrantFor = ({ plan, arns }) => [
  {
    actions: ['rds:DeleteDBInstance'],
    resources: [arns.greens],
    conditions: disposableOfThisPlan(plan),
    wildcard: OWN_NAMES,
  },
];

const protectGreen: GrantFor = ({ plan, arns }) => [
  {
    actions: ['rds:ModifyDBInstance'],
    resources: [arns.greens],
    conditions: ofThisPlan(plan),
    wildcard: OWN_NAMES,
  },
];

const handGreenOver: GrantFor = (target) => [tagGreen(target, 'false')];
const takeGreenBack: GrantFor = (target) => [tagGreen(target, 'true')];

/** After a migration the next run's blue may carry a name that green names match; no phase but retire may touch it. */
const spareBlue: GrantFor = ({ arns }) => [
  {
    effect: Effect.DENY,
    actions: [
      'rds:DeleteDBInstance',
      'rds:ModifyDBInstance',
      'rds:RebootDBInstance',
      'rds:AddTagsToResource',
      'rds:RemoveTagsFromResource',
    ],
    resources: [arns.blue],
  },
];

const deleteBlue: GrantFor = ({ plan, arns }) => {
  if (plan.retire.blue === 'keep') {
    return [];
  }
  const wildcard = 'the name of the final snapshot ends in a hash of the run id, which is not known before the run';
  const finalSnapshot: readonly Grant[] = [
    { actions: ['rds:CreateDBSnapshot'], resources: [arns.blue, arns.finalSnapshots], wildcard },
    // where blue copies its tags to its snapshots; which they are is not known before the run
    { actions: ['rds:AddTagsToResource'], resources: [arns.finalSnapshots], wildcard },
  ];
  return [
    { actions: ['rds:DeleteDBInstance'], resources: [arns.blue] },
    ...(plan.retire.finalSnapshot ? finalSnapshot : []),
  ];
};

const readEndpoint: GrantFor = ({ arns }) => [
  { actions: ['route53:ListResourceRecordSets'], resources: [arns.hostedZone] },
];

const watchEndpoint: GrantFor = ({ arns }) => [
  {
    actions: ['route53:GetChange'],
    resources: [arns.changes],
    wildcard: 'Route 53 names a change when it accepts it; only its progress can be read',
  },
];

const swapEndpoint: GrantFor = ({ plan, arns }) => [
  {
    actions: ['route53:ChangeResourceRecordSets'],
    resources: [arns.hostedZone],
    conditions: {
      'ForAllValues:StringEquals': {
        'route53:ChangeResourceRecordSetsNormalizedRecordNames': [plan.endpoint.recordName],
        'route53:ChangeResourceRecordSetsRecordTypes': ['CNAME'],
        'route53:ChangeResourceRecordSetsActions': ['UPSERT'],
      },
    },
  },
];

const NEEDS: Readonly<Record<FunctionName, PhaseNeeds>> = {
  prepare: { users: 'run-and-application', grants: [describe, readSecurityGroups, readEndpoint, swapEndpoint] },
  snapshot: { users: 'run-and-application', grants: [describe, createSnapshot, deleteSnapshot] },
  clone: {
    users: 'run',
    grants: [describe, createGreen, settleGreen, deleteGreen, useEncryptionKey, spareBlue],
  },
  migrate: { users: 'run', grants: [describe] },
  follow: { users: 'run', grants: [describe, readServerLog] },
  validate: { users: 'run-and-application', grants: [describe, readServerLog] },
  switchover: {
    users: 'run-and-application',
    grants: [describe, readServerLog, handGreenOver, protectGreen, readEndpoint, swapEndpoint, spareBlue],
  },
  bake: { users: 'run', grants: [describe, readServerLog, watchEndpoint] },
  retire: { users: 'run', grants: [describe, readEndpoint, deleteSnapshot, deleteBlue] },
  rollback: {
    users: 'run-and-application',
    grants: [describe, takeGreenBack, protectGreen, deleteGreen, deleteSnapshot, readEndpoint, swapEndpoint, spareBlue],
  },
  failback: {
    users: 'run-and-application',
    grants: [describe, readServerLog, readEndpoint, swapEndpoint, watchEndpoint],
  },
  guard: { users: 'run', grants: [describe] },
};

export function databaseUsers(phase: FunctionName): DatabaseUsers {
  return NEEDS[phase].users;
}

export function phaseGrants(phase: FunctionName, target: GrantTarget): Grant[] {
  return NEEDS[phase].grants.flatMap((grantsFor) => grantsFor(target));
}

function tagGreen({ plan, arns }: GrantTarget, disposable: 'true' | 'false'): Grant {
  return {
    actions: ['rds:AddTagsToResource'],
    resources: [arns.greens],
    conditions: {
      StringEquals: { ...ofThisPlan(plan).StringEquals, [`aws:RequestTag/${TAG_DISPOSABLE}`]: disposable },
      'ForAllValues:StringEquals': { 'aws:TagKeys': [TAG_DISPOSABLE] },
    },
    wildcard: OWN_NAMES,
  };
}

function createdByThisPlan({ name }: Plan) {
  return { StringEquals: { [`aws:RequestTag/${TAG_PLAN}`]: name, [`aws:RequestTag/${TAG_DISPOSABLE}`]: 'true' } };
}

function ofThisPlan({ name }: Plan) {
  return { StringEquals: { [`aws:ResourceTag/${TAG_PLAN}`]: name } };
}

function disposableOfThisPlan({ name }: Plan) {
  return { StringEquals: { [`aws:ResourceTag/${TAG_PLAN}`]: name, [`aws:ResourceTag/${TAG_DISPOSABLE}`]: 'true' } };
}
