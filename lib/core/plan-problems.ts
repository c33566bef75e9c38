/** What is wrong with a plan.json, in words: where, what stands there, what is allowed. */
import { z } from 'zod';

export function describeIssue(plan: z.ZodType, issue: z.core.$ZodIssue): string[] {
  const path = issue.path.map(String).join('.');
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map(
        (key) => `${path ? `${path}.` : ''}${key}: unknown key; allowed: ${allowedKeys(plan, issue.path)}`,
      );
    case 'invalid_type':
      return issue.input === undefined
        ? [`${path}: missing; required: ${issue.expected}`]
        : [`${path || 'the document'}: ${show(issue.input)} is not of type ${issue.expected}`];
    case 'invalid_value': {
      const allowed = issue.values.map(show).join(' or ');
      return [
        issue.input === undefined
          ? `${path}: missing; required: ${allowed}`
          : `${path}: ${show(issue.input)}; allowed: ${allowed}`,
      ];
    }
    case 'too_small':
      return [`${path}: ${show(issue.input)}; allowed: at least ${issue.minimum}${UNITS[issue.origin] ?? ''}`];
    case 'too_big':
      return [
        `${path}: ${show(issue.input)}; ${issue.message.startsWith('allowed') ? issue.message : `allowed: at most ${issue.maximum}${UNITS[issue.origin] ?? ''}`}`,
      ];
    default:
      return [`${path}: ${show(issue.input)}${issue.message.startsWith('allowed') ? ';' : ''} ${issue.message}`];
  }
}

const UNITS: Readonly<Record<string, string>> = { string: ' characters', array: ' items' };

/** The keys the schema knows at a path, for the message about one it does not. */
function allowedKeys(plan: z.ZodType, path: readonly PropertyKey[]): string {
  let schema: unknown = plan;
  for (const key of path) {
    schema = shapeOf(schema)?.[String(key)];
  }
  return Object.keys(shapeOf(schema) ?? {}).join(', ');
}

function shapeOf(schema: unknown): Record<string, unknown> | undefined {
  if (schema instanceof z.ZodObject) {
    return schema.shape;
  }
  if (schema instanceof z.ZodPrefault || schema instanceof z.ZodDefault || schema instanceof z.ZodOptional) {
    return shapeOf(schema.unwrap());
  }
  return undefined;
}

function show(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}
