/** Which rights what is needed of an instance's control plane takes. */
import { finalSnapshotPrefix, namePrefix, TAG_DISPOSABLE, TAG_PLAN } from '../../core/identifiers';
import type { ShapeNeed } from '../../core/needs';
import type { Plan } from '../../core/plan';
import type { Grant, GrantFor, GrantTarget } from '../../ports/grant';

interface Arns {
  readonly blue: string;
  /** Whatever carries the name of a green of this plan. */
  readonly greens: string;
  readonly snapshots: string;
  readonly finalSnapshots: string;
  /** Parameter groups, option groups and subnet groups; blue's are not known before the run. */
  readonly groups: readonly string[];
  readonly roles: string;
}

interface InstanceTarget extends GrantTarget {
  readonly arns: Arns;
}

type GrantForInstance = (target: InstanceTarget) => readonly Grant[];

const OWN_NAMES =
  'the names of what a run creates end in a hash of its run id, which is not known before the run; the tags in the conditions narrow it further';

const describe: GrantForInstance = () => [
  {
    actions: ['rds:DescribeDBInstances', 'rds:DescribeDBSnapshots'],
    resources: ['*'],
    wildcard: 'RDS does not authorise the items of a listing one by one; reading descriptions changes nothing',
  },
];

const readServerLog: GrantForInstance = ({ arns }) => [
  {
    actions: ['rds:DescribeDBLogFiles', 'rds:DownloadDBLogFilePortion'],
    resources: [arns.blue, arns.greens],
    wildcard: OWN_NAMES,
  },
];

const createSnapshot: GrantForInstance = ({ plan, arns }) => [
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

const deleteSnapshot: GrantForInstance = ({ plan, arns }) => [
  {
    actions: ['rds:DeleteDBSnapshot'],
    resources: [arns.snapshots],
    conditions: disposableOfThisPlan(plan),
    wildcard: OWN_NAMES,
  },
];

const createGreen: GrantForInstance = ({ plan, arns }) => [
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

const settleGreen: GrantForInstance = ({ plan, arns }) => [
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

const useEncryptionKey: GrantForInstance = ({ encryptionKeyArn, region }) => {
  const resources = [encryptionKeyArn ?? '*'];
  const viaService = { 'kms:ViaService': `rds.${region}.amazonaws.com` };
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

const deleteGreen: GrantForInstance = ({ plan, arns }) => [
  {
    actions: ['rds:DeleteDBInstance'],
    resources: [arns.greens],
    conditions: disposableOfThisPlan(plan),
    wildcard: OWN_NAMES,
  },
];

const protectGreen: GrantForInstance = ({ plan, arns }) => [
  {
    actions: ['rds:ModifyDBInstance'],
    resources: [arns.greens],
    conditions: ofThisPlan(plan),
    wildcard: OWN_NAMES,
  },
];

const handGreenOver: GrantForInstance = (target) => [tagGreen(target, 'false')];
const takeGreenBack: GrantForInstance = (target) => [tagGreen(target, 'true')];

const spareBlue: GrantForInstance = ({ arns }) => [
  {
    effect: 'Deny',
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

const deleteBlue: GrantForInstance = ({ plan, arns }) => {
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

const GRANTS: Readonly<Record<ShapeNeed, GrantForInstance>> = {
  describe,
  readServerLog,
  createSnapshot,
  deleteSnapshot,
  createGreen,
  settleGreen,
  useEncryptionKey,
  deleteGreen,
  protectGreen,
  handGreenOver,
  takeGreenBack,
  spareBlue,
  deleteBlue,
};

export const INSTANCE_GRANTS = Object.fromEntries(
  Object.entries(GRANTS).map(([need, grants]) => [
    need,
    (target: GrantTarget) => grants({ ...target, arns: arnsOf(target) }),
  ]),
) as unknown as Readonly<Record<ShapeNeed, GrantFor>>;

function arnsOf({ plan, arn }: GrantTarget): Arns {
  const rds = (resource: string, name: string) => arn({ service: 'rds', resource, name, separator: ':' });
  return {
    // RDS stores identifiers in lower case, and so do its ARNs.
    blue: rds('db', plan.blue.identifier.toLowerCase()),
    greens: rds('db', `${namePrefix(plan.name)}*`),
    snapshots: rds('snapshot', `${namePrefix(plan.name)}*`),
    finalSnapshots: rds('snapshot', `${finalSnapshotPrefix(plan.name)}*`),
    groups: [rds('pg', '*'), rds('og', '*'), rds('subgrp', '*')],
    roles: arn({ service: 'iam', resource: 'role', name: '*', separator: '/', of: 'account' }),
  };
}

function tagGreen({ plan, arns }: InstanceTarget, disposable: 'true' | 'false'): Grant {
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
