import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Plan } from '../../lib/core/plan';
import { planFixture } from '../support/plan-fixture';
import { type Statement, statementsOf, withStack } from '../support/synthesized-stack';

const PHASES = [
  'prepare',
  'snapshot',
  'clone',
  'migrate',
  'follow',
  'validate',
  'switchover',
  'bake',
  'retire',
  'rollback',
  'failback',
];
/** What being placed in the VPC and reading descriptions take. */
const NETWORK_AND_DESCRIPTIONS = [
  'ec2:AssignPrivateIpAddresses',
  'ec2:CreateNetworkInterface',
  'ec2:DeleteNetworkInterface',
  'ec2:DescribeNetworkInterfaces',
  'ec2:DescribeSubnets',
  'ec2:UnassignPrivateIpAddresses',
  'rds:DescribeDBInstances',
  'rds:DescribeDBSnapshots',
];
const READS = /:(Describe|List|Get|Download)/;
const SERVER_LOGS = ['rds:DescribeDBLogFiles', 'rds:DownloadDBLogFilePortion'];
const BLUE = 'arn:<Partition>:rds:<Region>:<AccountId>:db:orders-prod';
const GREENS = 'arn:<Partition>:rds:<Region>:<AccountId>:db:orders-green-*';
const SNAPSHOTS = 'arn:<Partition>:rds:<Region>:<AccountId>:snapshot:orders-green-*';
const FINAL_SNAPSHOTS = 'arn:<Partition>:rds:<Region>:<AccountId>:snapshot:orders-final-*';
const ZONE = 'arn:<Partition>:route53:::hostedzone/Z0123456789ABCDEFGHIJ';
const OWNER_SECRET = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:orders-owner-AbCdEf';
const APPLICATION_SECRET = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:orders-app-GhIjKl';

function permissions(plan: Plan = planFixture()): Map<string, Statement[]> {
  return withStack(plan, ({ template }) => new Map(PHASES.map((phase) => [phase, statementsOf(template, phase)])));
}

const roles = permissions();

function allowing(action: string, of: Map<string, Statement[]> = roles) {
  return [...of].flatMap(([phase, statements]) =>
    statements
      .filter(({ effect, actions }) => effect === 'Allow' && actions.includes(action))
      .map(({ resources, conditions }) => ({ phase, resources, conditions })),
  );
}

/** What the code of a phase calls on its ports, and the actions each call needs. */
const CALLS: Record<string, readonly string[]> = {
  'controlPlane.describe': ['rds:DescribeDBInstances'],
  'controlPlane.describeSnapshot': ['rds:DescribeDBSnapshots'],
  'controlPlane.createSnapshot': ['rds:CreateDBSnapshot', 'rds:AddTagsToResource'],
  'controlPlane.deleteSnapshot': ['rds:DeleteDBSnapshot'],
  'controlPlane.clone': [
    'rds:RestoreDBInstanceFromDBSnapshot',
    'rds:AddTagsToResource',
    'kms:CreateGrant',
    'kms:DescribeKey',
  ],
  'controlPlane.settle': ['rds:ModifyDBInstance', 'rds:RebootDBInstance', 'rds:AddRoleToDBInstance', 'iam:PassRole'],
  'controlPlane.serverLog': ['rds:DescribeDBLogFiles', 'rds:DownloadDBLogFilePortion'],
  'controlPlane.tag': ['rds:AddTagsToResource'],
  'controlPlane.setDeletionProtection': ['rds:ModifyDBInstance'],
  'controlPlane.deleteDatabase': ['rds:DeleteDBInstance'],
  'network.place': ['ec2:DescribeSecurityGroups', 'ec2:DescribeSubnets'],
  'endpoint.target': ['route53:ListResourceRecordSets'],
  'endpoint.swap': ['route53:ChangeResourceRecordSets'],
  'endpoint.settled': ['route53:GetChange'],
};

const LAMBDAS = join(__dirname, '../../lambdas');

/** RDS authorises the final snapshot of a deletion as a snapshot of its own, and the tags it gets where blue copies its tags. */
const FOR_A_FINAL_SNAPSHOT = ['rds:CreateDBSnapshot', 'rds:AddTagsToResource'];

/** The text of a phase and of every other file of the functions that it imports, directly or not. */
function codeOf(path: string, seen = new Set<string>()): string {
  if (seen.has(path)) {
    return '';
  }
  seen.add(path);
  const text = readFileSync(`${path}.ts`, 'utf8');
  // a type imports no code, and what the handler does is what every phase may do
  const imported = [...text.matchAll(/^import (?!type )[^;]*? from '(\.[^']+)';$/gm)].map(([, name = '']) =>
    join(dirname(path), name),
  );
  return (
    text +
    imported
      .filter((file) => file.startsWith(LAMBDAS) && file !== join(LAMBDAS, 'handler'))
      .map((file) => codeOf(file, seen))
      .join('')
  );
}

function actionsNeededBy(phase: string): string[] {
  const code = codeOf(join(LAMBDAS, phase));
  const calls = Object.keys(CALLS).filter((call) => new RegExp(`\\b${call.replace('.', '\\.')}\\(`).test(code));
  return [...new Set(calls.flatMap((call) => CALLS[call] ?? []))];
}

describe('what the phases may do', () => {
  it.each(PHASES)('grants %s every action its code calls', (phase) => {
    const granted = (roles.get(phase) ?? [])
      .filter(({ effect }) => effect === 'Allow')
      .flatMap(({ actions }) => actions);
    expect(granted).toEqual(expect.arrayContaining(actionsNeededBy(phase)));
  });

  it.each(PHASES)('grants %s no action that changes a resource and that its code does not call', (phase) => {
    const changing = (roles.get(phase) ?? [])
      .filter(({ effect }) => effect === 'Allow')
      .flatMap(({ actions }) => actions)
      .filter((action) => /^(rds|route53|kms|iam):/.test(action) && !READS.test(action));
    const needed = [...actionsNeededBy(phase), ...(phase === 'retire' ? FOR_A_FINAL_SNAPSHOT : [])];
    expect(changing.filter((action) => !needed.includes(action))).toEqual([]);
  });

  it("lets follow describe, read the servers' logs, and log in as the user of the run", () => {
    expect(whatMayBeDoneIn('follow')).toEqual({
      actions: [...NETWORK_AND_DESCRIPTIONS, ...SERVER_LOGS].sort(),
      secrets: [OWNER_SECRET],
    });
  });

  it('lets the guard describe, log in as the user of the run, and read and start executions of its own state machine', () => {
    const statements = withStack(planFixture(), ({ template }) => statementsOf(template, 'guard'));
    const actions = statements.flatMap((statement) => statement.actions);
    expect(actions.filter((action) => /^(rds|route53|kms|iam):/.test(action)).sort()).toEqual([
      'rds:DescribeDBInstances',
      'rds:DescribeDBSnapshots',
    ]);
    const machine = expect.stringMatching(/^<MigrationStateMachine[0-9A-F]{8}>$/);
    const executions = expect.stringMatching(
      /^arn:<Partition>:states:<Region>:<AccountId>:execution:<MigrationStateMachine[0-9A-F]{8}\.Name>:\*$/,
    );
    expect(statements.filter((statement) => statement.actions.some((action) => action.startsWith('states:')))).toEqual([
      expect.objectContaining({ actions: ['states:ListExecutions', 'states:StartExecution'], resources: [machine] }),
      expect.objectContaining({ actions: ['states:DescribeExecution'], resources: [executions] }),
    ]);
  });

  it('lets bake do the same, and see how far the endpoint has spread', () => {
    expect(whatMayBeDoneIn('bake')).toEqual({
      actions: [...[...NETWORK_AND_DESCRIPTIONS, ...SERVER_LOGS].sort(), 'route53:GetChange'],
      secrets: [OWNER_SECRET],
    });
  });

  it("lets failback describe, read the servers' logs, lead the endpoint elsewhere, and log in as both users, and nothing else", () => {
    expect(whatMayBeDoneIn('failback')).toEqual({
      actions: [
        ...[...NETWORK_AND_DESCRIPTIONS, ...SERVER_LOGS].sort(),
        'route53:ChangeResourceRecordSets',
        'route53:GetChange',
        'route53:ListResourceRecordSets',
      ],
      secrets: [OWNER_SECRET, APPLICATION_SECRET],
    });
  });

  it('lets nothing but retire delete blue', () => {
    expect(allowing('rds:DeleteDBInstance')).toEqual([
      { phase: 'clone', resources: [GREENS], conditions: disposable() },
      { phase: 'retire', resources: [BLUE], conditions: undefined },
      { phase: 'rollback', resources: [GREENS], conditions: disposable() },
    ]);
  });

  it('lets nothing delete blue when the plan keeps it', () => {
    const kept = permissions(planFixture({ retire: { blue: 'keep', finalSnapshot: true } }));
    expect(allowing('rds:DeleteDBInstance', kept).map(({ phase }) => phase)).toEqual(['clone', 'rollback']);
    expect(allowing('rds:CreateDBSnapshot', kept).map(({ phase }) => phase)).toEqual(['snapshot']);
  });

  it('denies touching blue to every phase that may touch what is named like green, since a green becomes the next blue', () => {
    for (const phase of PHASES.filter((name) => name !== 'snapshot' && name !== 'retire')) {
      const statements = roles.get(phase) ?? [];
      const touches = statements.some(
        ({ effect, actions, resources }) =>
          effect === 'Allow' &&
          resources.includes(GREENS) &&
          actions.some((action) => !action.includes(':Restore') && !READS.test(action)),
      );
      const denied = statements.filter(({ effect }) => effect === 'Deny');
      expect({ phase, denied }).toEqual({
        phase,
        denied: touches
          ? [
              {
                effect: 'Deny',
                actions: [
                  'rds:DeleteDBInstance',
                  'rds:ModifyDBInstance',
                  'rds:RebootDBInstance',
                  'rds:AddTagsToResource',
                  'rds:RemoveTagsFromResource',
                ],
                resources: [BLUE],
                conditions: undefined,
              },
            ]
          : [],
      });
    }
  });

  it('lets the identifier of blue be written in any case, because RDS keeps it in lower case', () => {
    const upper = permissions(planFixture({ blue: { ...planFixture().blue, identifier: 'Orders-Prod' } }));
    expect(allowing('rds:DeleteDBInstance', upper)[1]?.resources).toEqual([BLUE]);
  });

  it('creates snapshots and instances only under its own names and with its own tags', () => {
    const created = {
      StringEquals: { 'aws:RequestTag/bluegreen:plan': 'orders', 'aws:RequestTag/bluegreen:disposable': 'true' },
    };
    expect(allowing('rds:CreateDBSnapshot')).toEqual([
      { phase: 'snapshot', resources: [BLUE, SNAPSHOTS], conditions: created },
      { phase: 'retire', resources: [BLUE, FINAL_SNAPSHOTS], conditions: undefined },
    ]);
    expect(allowing('rds:RestoreDBInstanceFromDBSnapshot')).toEqual([
      {
        phase: 'clone',
        resources: [
          GREENS,
          SNAPSHOTS,
          'arn:<Partition>:rds:<Region>:<AccountId>:pg:*',
          'arn:<Partition>:rds:<Region>:<AccountId>:og:*',
          'arn:<Partition>:rds:<Region>:<AccountId>:subgrp:*',
        ],
        conditions: created,
      },
    ]);
  });

  it('deletes snapshots only of its own name and tag, and final ones never', () => {
    for (const { resources, conditions } of allowing('rds:DeleteDBSnapshot')) {
      expect(resources).toEqual([SNAPSHOTS]);
      expect(conditions).toEqual(disposable());
    }
    expect(allowing('rds:DeleteDBSnapshot').map(({ phase }) => phase)).toEqual(['snapshot', 'retire', 'rollback']);
  });

  it('flips the tag of a disposable copy one way in the switchover and the other way in the rollback, and sets no other tag', () => {
    const flip = (to: string) => ({
      StringEquals: { 'aws:ResourceTag/bluegreen:plan': 'orders', 'aws:RequestTag/bluegreen:disposable': to },
      'ForAllValues:StringEquals': { 'aws:TagKeys': ['bluegreen:disposable'] },
    });
    expect(
      allowing('rds:AddTagsToResource').filter(({ phase }) => !['snapshot', 'clone', 'retire'].includes(phase)),
    ).toEqual([
      { phase: 'switchover', resources: [GREENS], conditions: flip('false') },
      { phase: 'rollback', resources: [GREENS], conditions: flip('true') },
    ]);
    expect(allowing('rds:RemoveTagsFromResource')).toEqual([]);
  });

  it("lets retire delete blue with a final snapshot, which gets blue's tags, where the plan wants one", () => {
    const granted = (plan: Plan) =>
      statementsGranted(permissions(plan).get('retire')).filter(({ actions }) =>
        actions.some((action) => ['rds:DeleteDBInstance', ...FOR_A_FINAL_SNAPSHOT].includes(action)),
      );
    expect(granted(planFixture({ retire: { blue: 'delete', finalSnapshot: true } }))).toEqual([
      { actions: ['rds:DeleteDBInstance'], resources: [BLUE] },
      { actions: ['rds:CreateDBSnapshot'], resources: [BLUE, FINAL_SNAPSHOTS] },
      { actions: ['rds:AddTagsToResource'], resources: [FINAL_SNAPSHOTS] },
    ]);
    expect(granted(planFixture({ retire: { blue: 'delete', finalSnapshot: false } }))).toEqual([
      { actions: ['rds:DeleteDBInstance'], resources: [BLUE] },
    ]);
  });

  it('changes exactly one DNS record, of one type, in one way', () => {
    expect(allowing('route53:ChangeResourceRecordSets')).toEqual(
      ['prepare', 'switchover', 'rollback', 'failback'].map((phase) => ({
        phase,
        resources: [ZONE],
        conditions: {
          'ForAllValues:StringEquals': {
            'route53:ChangeResourceRecordSetsNormalizedRecordNames': ['orders.db.internal'],
            'route53:ChangeResourceRecordSetsRecordTypes': ['CNAME'],
            'route53:ChangeResourceRecordSetsActions': ['UPSERT'],
          },
        },
      })),
    );
  });

  it('reads only the secrets of the plan, the one of the application only where a write or a login is attempted as it', () => {
    const readers = allowing('secretsmanager:GetSecretValue');
    expect(readers.filter(({ resources }) => resources.includes(OWNER_SECRET)).map(({ phase }) => phase)).toEqual(
      PHASES,
    );
    expect(readers.filter(({ resources }) => resources.includes(APPLICATION_SECRET)).map(({ phase }) => phase)).toEqual(
      PHASES.filter((phase) => /attemptWrite\(|secretMismatches\(/.test(codeOf(join(LAMBDAS, phase)))),
    );
    expect(new Set(readers.flatMap(({ resources }) => resources))).toEqual(new Set([OWNER_SECRET, APPLICATION_SECRET]));
  });

  it('has no wildcard in any action', () => {
    const actions = [...roles.values()].flat().flatMap((statement) => statement.actions);
    expect(actions.length).toBeGreaterThan(50);
    expect(actions.filter((action) => action.includes('*'))).toEqual([]);
  });

  it('names no other resource by a bare wildcard than what cannot be named', () => {
    const bare = [...roles.values()]
      .flat()
      .filter(({ effect, resources }) => effect === 'Allow' && resources.includes('*'))
      .flatMap(({ actions }) => actions);
    expect([...new Set(bare)].sort()).toEqual([
      'ec2:AssignPrivateIpAddresses',
      'ec2:CreateNetworkInterface',
      'ec2:DeleteNetworkInterface',
      'ec2:DescribeNetworkInterfaces',
      'ec2:DescribeSecurityGroups',
      'ec2:DescribeSubnets',
      'ec2:UnassignPrivateIpAddresses',
      'kms:CreateGrant',
      'kms:DescribeKey',
      'rds:DescribeDBInstances',
      'rds:DescribeDBSnapshots',
    ]);
  });
});

/** Everything a role allows besides its logs: actions on what is no secret, and the secrets it reads. */
function whatMayBeDoneIn(phase: string) {
  const allowed = (roles.get(phase) ?? []).filter(({ effect }) => effect === 'Allow');
  const secrets = allowed.filter(({ actions }) => actions.includes('secretsmanager:GetSecretValue'));
  const others = allowed.filter((statement) => !secrets.includes(statement)).flatMap(({ actions }) => actions);
  return {
    actions: [...new Set(others)].filter((action) => !action.startsWith('logs:')).sort(),
    secrets: secrets.flatMap(({ resources }) => resources),
  };
}

function statementsGranted(statements: readonly Statement[] = []) {
  return statements
    .filter(({ effect }) => effect === 'Allow')
    .map(({ actions, resources }) => ({ actions, resources }));
}

function disposable() {
  return {
    StringEquals: { 'aws:ResourceTag/bluegreen:plan': 'orders', 'aws:ResourceTag/bluegreen:disposable': 'true' },
  };
}
