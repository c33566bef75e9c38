/** What the documentation holds that is generated from code: whole files, and blocks between markers. */

import { z } from 'zod';
import { VERBS } from '../../lib/cli/verbs';
import { planSchema } from '../../lib/core/plan';
import { ec2Actions } from '../../lib/local/ec2/local-ec2';
import { ACTIONS } from '../../lib/local/rds/actions/action-table';
import { DEFAULT_DELAYS } from '../../lib/local/rds/delays';
import { STATES_OPERATIONS } from '../../lib/local/states/states-operations';

/** A block stands between `<!-- generated: name -->` and `<!-- end of generated: name -->`. */
export interface GeneratedBlock {
  readonly file: string;
  readonly name: string;
  readonly text: string;
}

export const PLAN_SCHEMA_FILE = 'docs/plan.schema.json';

type JsonSchema = z.core.JSONSchema.BaseSchema;

/** What may be written, thus before the defaults are filled in. */
export function generatedPlanSchema(): JsonSchema {
  const { $schema, ...rest } = z.toJSONSchema(planSchema, { io: 'input' });
  return { $schema, title: 'plan.json of a plan folder', ...rest } as JsonSchema;
}

export function generatedBlocks(): GeneratedBlock[] {
  return [
    ...VERBS.map(({ name, usage }) => ({
      file: 'README.md',
      name: `usage of bluegreen ${name}`,
      text: `\`\`\`text
${usage}
\`\`\``,
    })),
    { file: 'docs/plan.md', name: 'keys of plan.json', text: planTable() },
    { file: 'docs/local-runtime.md', name: 'actions of the RDS API', text: codeList([...ACTIONS.keys()]) },
    { file: 'docs/local-runtime.md', name: 'actions of the EC2 API', text: codeList(ec2Actions()) },
    { file: 'docs/local-runtime.md', name: 'delays of the RDS API', text: delayTable() },
    {
      file: 'docs/local-runtime.md',
      name: 'operations of the Step Functions API',
      text: codeList(Object.keys(STATES_OPERATIONS)),
    },
  ];
}

/** The text of a block in a file, or undefined where its markers do not stand. */
export function blockIn(text: string, name: string): string | undefined {
  const [begin, end] = markers(name);
  const from = text.indexOf(begin);
  const to = text.indexOf(end);
  return from < 0 || to < from ? undefined : text.slice(from + begin.length, to).trim();
}

export function withBlock(text: string, { name, text: block }: GeneratedBlock): string {
  const [begin, end] = markers(name);
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  if (from < 0 || to < from) {
    throw new Error(`there is no block "${name}": write ${begin} and ${end} where it shall stand`);
  }
  return `${text.slice(0, from + begin.length)}\n\n${block}\n\n${text.slice(to)}`;
}

function markers(name: string): [string, string] {
  return [`<!-- generated: ${name} -->`, `<!-- end of generated: ${name} -->`];
}

function codeList(names: readonly string[]): string {
  return names.map((name) => `- \`${name}\``).join('\n');
}

/** `creatingMs` becomes "creating". */
function delayTable(): string {
  const rows = Object.entries(DEFAULT_DELAYS).map(([name, ms]) => {
    const words = name.replace(/Ms$/, '').replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
    return `| ${words} | ${ms / 1000} s |`;
  });
  return ['| what | lasts |', '| --- | --- |', ...rows].join('\n');
}

function planTable(): string {
  const rows = planRows(generatedPlanSchema(), '');
  return ['| key | allowed | default | meaning |', '| --- | --- | --- | --- |', ...rows].join('\n');
}

function planRows({ properties = {}, required = [] }: JsonSchema, path: string): string[] {
  return Object.entries(properties).flatMap(([key, value]) => {
    const schema = value as JsonSchema;
    if (schema.type === 'object') {
      return planRows(schema, `${path}${key}.`);
    }
    const fallback = required.includes(key) ? 'required' : schema.default === undefined ? '–' : show(schema.default);
    return [`| \`${path}${key}\` | ${allowed(schema)} | ${fallback} | ${schema.description ?? ''} |`];
  });
}

function allowed({ type, enum: values, const: value, minimum, maximum, items, minItems }: JsonSchema): string {
  if (value !== undefined || values !== undefined) {
    return (values ?? [value]).map(show).join(' or ');
  }
  switch (type) {
    case 'integer':
    case 'number':
      return `${minimum} to ${maximum}`;
    case 'array':
      return `list of ${(items as JsonSchema).type}s${minItems === 1 ? ', at least one' : ''}`;
    default:
      return String(type);
  }
}

function show(value: unknown): string {
  return `\`${JSON.stringify(value)}\``;
}
