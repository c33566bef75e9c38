/** Reading options: what all verbs have in common. */
import { type ParseArgsConfig, parseArgs } from 'node:util';
import type { Plan } from '../core/plan';
import { UsageError } from './usage-error';

const OF_EVERY_VERB = { verbose: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } } as const;

const SYNC_MODES: readonly Plan['sync'][] = ['replication', 'freeze'];

type Read<Options extends NonNullable<ParseArgsConfig['options']>> = ReturnType<
  typeof parseArgs<{ args: string[]; allowPositionals: true; options: typeof OF_EVERY_VERB & Options }>
>;

/** @throws UsageError for an option that is not known, or has a value it does not take, or lacks one */
export function readOptions<const Options extends NonNullable<ParseArgsConfig['options']>>(
  args: readonly string[],
  options: Options,
): Read<Options> {
  try {
    return parseArgs({ args: [...args], allowPositionals: true, options: { ...OF_EVERY_VERB, ...options } });
  } catch (error) {
    throw new UsageError([error instanceof Error ? error.message : String(error)]);
  }
}

/** @param problems gets what is wrong with it @returns undefined where it is not given: then the plan says it */
export function syncOption(value: string | undefined, problems: string[]): Plan['sync'] | undefined {
  const sync = SYNC_MODES.find((mode) => mode === value);
  if (value !== undefined && sync === undefined) {
    problems.push(`--sync ${value}: allowed are ${SYNC_MODES.join(' and ')}`);
  }
  return sync;
}
