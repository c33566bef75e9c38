/** The plan: what the user asks for, parsed once into a complete type with every default filled in. */
import { z } from 'zod';
import type { Change } from './changes';
import type { Check } from './checks';
import { PlanInvalid } from './errors';
import { instanceIdentifierProblem, PLAN_NAME_MAX_LENGTH } from './identifiers';
import { describeIssue } from './plan-problems';

const instanceIdentifier = z.string().superRefine((value, context) => {
  const problem = instanceIdentifierProblem(value);
  if (problem) {
    context.addIssue({
      code: 'custom',
      message: `${problem}; allowed: 1 to 63 letters, digits and hyphens, first a letter, no trailing or double hyphen`,
    });
  }
});

const planName = z
  .string()
  .regex(/^[a-z](?:-?[a-z0-9])*$/, 'allowed: lower-case letters, digits and single hyphens, first a letter')
  .max(
    PLAN_NAME_MAX_LENGTH,
    `allowed: at most ${PLAN_NAME_MAX_LENGTH} characters, since the names of green and its snapshot are made from it`,
  );

const secretArn = z
  .string()
  .regex(
    /^arn:[\w-]+:secretsmanager:[\w-]+:\d{12}:secret:.+-[A-Za-z0-9]{6}$/,
    'allowed: the complete ARN of a Secrets Manager secret, with the six characters Secrets Manager adds',
  );

const databaseName = z.string().min(1).max(63);

const timeZone = z.string().refine(isTimeZone, 'allowed: the name of a time zone, such as UTC or America/New_York');

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

const wholeSeconds = (least: number, most: number) => z.number().int().min(least).max(most);

/** plan.json. Every optional key has its default here and nowhere else. */
export const planSchema = z.strictObject({
  $schema: z.string().optional().describe('For editors: where docs/plan.schema.json is.'),
  name: planName.describe('Name of the plan; the names of everything a run creates begin with it.'),
  blue: z.strictObject({
    identifier: instanceIdentifier.describe('DB instance identifier of the instance that serves production now.'),
    database: databaseName.describe('Database inside the instance.'),
    secretArn: secretArn.describe("Secret {username, password} of the run's own user; it must own the database."),
    applicationSecretArn: secretArn
      .optional()
      .describe(
        'Secret of an application user; the freeze is proved with a write attempt as this user. Without it the attempt is made as the user of `secretArn`.',
      ),
  }),
  sync: z
    .enum(['replication', 'freeze'])
    .default('replication')
    .describe(
      '`replication`: green follows blue online, and blue follows green after the switchover. `freeze`: blue refuses writes from before the snapshot until the switchover, and there is no way back afterwards.',
    ),
  followedDatabases: z
    .array(databaseName)
    .default([])
    .describe(
      'Further databases of the instance that move with `blue.database`; changes and checks are for that one only.',
    ),
  abandonedDatabases: z
    .array(databaseName)
    .default([])
    .describe('Databases of the instance that need not move: what is written to them after the snapshot is lost.'),
  acceptOneWay: z
    .boolean()
    .default(false)
    .describe('Whether a run may go on although its changes leave no way back to blue after the switchover.'),
  endpoint: z.strictObject({
    type: z.literal('route53').describe('`route53`: a CNAME record in a private hosted zone.'),
    hostedZoneId: z
      .string()
      .regex(/^Z[A-Z0-9]{1,31}$/, 'allowed: the id of a private hosted zone, such as Z0123456789ABCDEFGHIJ')
      .describe('Hosted zone of the record.'),
    recordName: z
      .string()
      .regex(/^[a-z0-9_-]+(\.[a-z0-9_-]+)+$/, 'allowed: a lower-case DNS name without trailing dot')
      .describe('Name through which the application connects; it must lead to blue when a run starts.'),
    ttlSeconds: wholeSeconds(1, 60).default(5).describe('Time to live the record is given.'),
  }),
  network: z.strictObject({
    vpcId: z
      .string()
      .regex(/^vpc-[0-9a-f]+$/, 'allowed: the id of a VPC, such as vpc-0123456789abcdef0')
      .describe('VPC from which blue can be reached.'),
    availabilityZones: z.array(z.string().min(1)).min(1).describe('Availability zones of the subnets.'),
    subnetIds: z
      .array(z.string().regex(/^subnet-[0-9a-f]+$/, 'allowed: subnet ids'))
      .min(1)
      .describe('Subnets of the functions, with a way to the APIs of RDS, Secrets Manager and Route 53.'),
    securityGroupIds: z
      .array(z.string().regex(/^sg-[0-9a-f]+$/, 'allowed: security group ids'))
      .min(1)
      .describe("Security groups of the functions; blue's must let them in."),
  }),
  snapshot: z
    .strictObject({ keep: z.boolean().default(false).describe('Whether the snapshot green was cloned from stays.') })
    .prefault({}),
  freeze: z
    .strictObject({
      timeoutSeconds: wholeSeconds(60, 86_400)
        .default(7_200)
        .describe('How long blue may be frozen; a run that is not done by then is rolled back.'),
    })
    .prefault({}),
  follow: z
    .strictObject({
      timeoutSeconds: wholeSeconds(60, 2_592_000)
        .default(86_400)
        .describe('How long green may take to catch up with blue; a run that is not there by then is rolled back.'),
      maxWalKeptMiB: z
        .number()
        .int()
        .min(64)
        .max(67_108_864)
        .default(51_200)
        .describe(
          'How much WAL blue may keep for green, in MiB; a run that needs more is rolled back, so that blue does not run out of storage.',
        ),
    })
    .prefault({}),
  validation: z
    .strictObject({
      lockTimeoutMs: z
        .number()
        .int()
        .min(10)
        .max(900)
        .default(500)
        .describe(
          'How long a comparison may wait for writers to let it mark a common moment; they wait behind it meanwhile. Then it gives up and tries again later. Less than deadlock_timeout, so that it is never a writer that has to give way.',
        ),
      parallelism: z
        .number()
        .int()
        .min(1)
        .max(40)
        .default(2)
        .describe(
          'How many invocations at most compare both sides at the same time. One suffices for about 1 GiB on each side; each reads both with one session.',
        ),
      timeoutSeconds: wholeSeconds(60, 259_200)
        .default(14_400)
        .describe(
          'How long one comparison may take. Both sides keep the row versions of its moment until then, which holds back VACUUM on blue.',
        ),
      timeZone: timeZone
        .default('UTC')
        .describe(
          'Time zone in which times without one are read where a change turned them into times with one, or the other way round.',
        ),
      slowerThan: z
        .number()
        .min(1)
        .max(1_000)
        .default(1.5)
        .describe('How many times as long as on blue a query of checks/*.faster-than-blue.sql may take on green.'),
      driftBeyond: z
        .number()
        .min(0.01)
        .max(1)
        .default(0.2)
        .describe(
          "A column is flagged in the report when its share of nulls differs by more than this between the sides, or its distinct values or average length by more than this share of blue's.",
        ),
    })
    .prefault({}),
  report: z
    .strictObject({
      showValues: z
        .boolean()
        .default(false)
        .describe(
          'Whether values of differing rows are shown in verdict, logs and report; without, only their type and length are. Keys of rows are always shown.',
        ),
      rowsNamed: z
        .number()
        .int()
        .min(0)
        .max(100)
        .default(10)
        .describe('How many differing rows of a table are named; the rest is counted.'),
    })
    .prefault({}),
  switchover: z
    .strictObject({
      timeoutSeconds: wholeSeconds(1, 600)
        .default(30)
        .describe(
          'Budget of one attempt of the switchover; when it is used up, green is not opened and blue serves on.',
        ),
      attempts: z
        .number()
        .int()
        .min(1)
        .max(20)
        .default(3)
        .describe('How often the switchover is tried, with growing pauses, before the run is rolled back.'),
      maxLagMiB: z
        .number()
        .int()
        .min(1)
        .max(10_240)
        .default(16)
        .describe('How far green may be behind blue, in MiB of WAL, when an attempt begins.'),
    })
    .prefault({}),
  bake: z
    .strictObject({
      seconds: wholeSeconds(0, 31_000_000)
        .default(3_600)
        .describe('How long blue is kept while green serves; with `replication` it follows green meanwhile.'),
      alarms: z
        .array(z.string().min(1).max(255))
        .default([])
        .describe('Names of alarms; one that fires while the run bakes moves the application back to blue.'),
    })
    .prefault({}),
  retire: z
    .strictObject({
      blue: z
        .enum(['delete', 'keep'])
        .default('delete')
        .describe('What becomes of blue; one that is protected against deletion is kept in any case.'),
      finalSnapshot: z.boolean().default(true).describe('Whether RDS takes a snapshot of blue before it is deleted.'),
    })
    .prefault({}),
  local: z
    .strictObject({
      writers: z
        .number()
        .int()
        .min(0)
        .max(64)
        .default(4)
        .describe('Writers of the local runtime; the deployed functions do not read it.'),
      dnsTtlSeconds: z
        .number()
        .min(0)
        .max(60)
        .default(0)
        .describe('How long clients of the local runtime may be led to the old address after a swap.'),
    })
    .prefault({}),
});

/** plan.json with its defaults. */
export type PlanSettings = Omit<z.output<typeof planSchema>, '$schema'>;

/** Everything a run needs to know from its plan folder; what the deployed functions carry. */
export interface Plan extends PlanSettings {
  readonly changes: readonly Change[];
  readonly checks: readonly Check[];
}

/**
 * Parses the content of plan.json.
 *
 * @throws PlanInvalid with every problem: where, what stands there, what is allowed.
 */
export function parsePlanSettings(source: string, json: unknown): PlanSettings {
  const parsed = planSchema.safeParse(json, { reportInput: true });
  if (!parsed.success) {
    throw new PlanInvalid(
      source,
      parsed.error.issues.flatMap((issue) => describeIssue(planSchema, issue)),
    );
  }
  const { $schema: _ignored, ...settings } = parsed.data;
  return settings;
}
