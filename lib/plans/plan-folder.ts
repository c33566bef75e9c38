/** Reads a plan folder into a Plan: plan.json, the changes and the checks; every problem of every file is reported together. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Change, contentHash, parseChangeFileName } from '../core/changes';
import { type Check, parseCheckFileName } from '../core/checks';
import { type ClassifiedStatement, classify, refusalInWords } from '../core/classification';
import { PlanInvalid } from '../core/errors';
import { type Plan, parsePlanSettings } from '../core/plan';
import {
  checkProblem,
  LIQUIBASE_DBMS,
  loadStatementParser,
  parseChange,
} from '../engines/postgres/changes/statement-parser';
import { downMarkerProblem } from './down-markers';
import { foreignInstructionProblem } from './foreign-instructions';
import { type Entry, misnamedEntries, readableEntries, type SubFolder } from './plan-entries';

export interface PlanReading {
  /** Undefined when plan.json cannot be used. */
  readonly plan: Plan | undefined;
  /** Of every change that could be parsed; none without a `sync` to judge them by. */
  readonly statements: readonly ClassifiedStatement[];
  /** Without the statements that are refused. */
  readonly problems: readonly string[];
}

/**
 * @param sync instead of what plan.json says
 * @throws PlanInvalid with every problem of every file; nothing else was read or touched then.
 */
export async function loadPlan(folder: string, sync?: Plan['sync']): Promise<Plan> {
  const { plan, statements, problems } = await readPlan(folder, sync);
  const all = [...problems, ...statements.flatMap(refusalInWords)];
  if (!plan || all.length > 0) {
    throw new PlanInvalid(`plan folder "${folder}"`, all);
  }
  return plan;
}

/** As far as it can be read. */
export async function readPlan(folder: string, sync?: Plan['sync']): Promise<PlanReading> {
  await loadStatementParser();
  const problems: string[] = [];
  const settings = await collecting(problems, async () => parsePlanSettings('plan.json', await readPlanJson(folder)));
  problems.push(...misnamedEntries(await entriesOf(folder)));
  const changes = await readChanges(folder, problems);
  const checks = await readChecks(folder, problems);
  problems.push(...readableEntries('local', await entriesOf(join(folder, 'local'))).problems);
  const mode = sync ?? settings?.sync;
  return {
    plan: settings && mode && { ...settings, sync: mode, changes, checks },
    statements: mode ? classify(changes, mode) : [],
    problems,
  };
}

async function collecting<Result>(problems: string[], work: () => Promise<Result>): Promise<Result | undefined> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof PlanInvalid)) {
      throw error;
    }
    problems.push(
      ...error.problems.map((problem) => (error.source === 'plan.json' ? `plan.json: ${problem}` : problem)),
    );
    return undefined;
  }
}

async function readPlanJson(folder: string): Promise<unknown> {
  let text: string;
  try {
    text = await readText(join(folder, 'plan.json'));
  } catch (error) {
    throw new PlanInvalid(folder, [
      `plan.json cannot be read (${whyUnreadable(error)}); a plan is a folder with plan.json, changes/ and checks/, see examples/orders`,
    ]);
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new PlanInvalid('plan.json', [`is not JSON: ${error instanceof Error ? error.message : String(error)}`]);
  }
}

async function readChanges(folder: string, problems: string[]): Promise<Change[]> {
  const changes: Change[] = [];
  for (const { file, text } of await readSqlFiles(folder, 'changes', problems)) {
    const name = parseChangeFileName(file);
    if (!name) {
      continue; // a problem already
    }
    if (!Number.isSafeInteger(name.number)) {
      problems.push(`changes/${file}: the number is too large; allowed: at most ${Number.MAX_SAFE_INTEGER}`);
      continue;
    }
    const foreign = downMarkerProblem(text) ?? foreignInstructionProblem(file, text, LIQUIBASE_DBMS);
    const parsed = foreign === undefined ? parseChange(text) : { problem: foreign };
    if ('problem' in parsed) {
      problems.push(`changes/${file}: ${parsed.problem}`);
      continue;
    }
    changes.push({ ...name, file, sql: text, sha256: contentHash(text), ...parsed });
  }
  changes.sort((one, other) => one.number - other.number || one.file.localeCompare(other.file));
  reportOrder(changes, problems);
  return changes;
}

function reportOrder(changes: readonly Change[], problems: string[]): void {
  changes.forEach((change, index) => {
    const previous = changes[index - 1];
    if (previous?.number === change.number) {
      problems.push(
        `changes/${previous.file} and changes/${change.file}: both have number ${change.number}; give one of them the next free number`,
      );
    }
    if (previous?.kind === 'contract' && change.kind === 'expand') {
      problems.push(
        `changes/${change.file}: follows the contract change ${previous.file}, which is applied later, inside the switchover; give it a lower number or a plan of its own`,
      );
    }
  });
}

async function readChecks(folder: string, problems: string[]): Promise<Check[]> {
  const files = await readSqlFiles(folder, 'checks', problems);
  return files.flatMap(({ file, text }) => {
    const kind = parseCheckFileName(file);
    const problem = kind
      ? checkProblem(text, kind)
      : 'the name has no kind of check; allowed: name.sql, name.same.sql, name.faster-than-blue.sql, without further dots';
    if (!kind || problem) {
      problems.push(`checks/${file}: ${problem}`);
      return [];
    }
    return [{ file, kind, sql: text }];
  });
}

/** The files of a folder that are read, in order of their names; a folder that is not there has none. */
async function readSqlFiles(
  folder: string,
  label: SubFolder,
  problems: string[],
): Promise<{ file: string; text: string }[]> {
  const found = readableEntries(
    label,
    await entriesOf(join(folder, label), (why) => problems.push(`${label}/ ${why}`)),
  );
  problems.push(...found.problems);
  const files: { file: string; text: string }[] = [];
  for (const file of found.files) {
    try {
      files.push({ file, text: await readText(join(folder, label, file)) });
    } catch (error) {
      problems.push(`${label}/${file}: cannot be read (${whyUnreadable(error)})`);
    }
  }
  return files;
}

async function entriesOf(folder: string, unreadable: (why: string) => void = () => undefined): Promise<Entry[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return entries
      .map((entry) => ({ name: entry.name, isFolder: entry.isDirectory() }))
      .sort((one, other) => (one.name < other.name ? -1 : 1));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') {
      unreadable(`cannot be read (${whyUnreadable(error)})`);
    }
    return [];
  }
}

/** Strict: a character that was replaced in reading would silently change what is applied. */
async function readText(file: string): Promise<string> {
  const bytes = await readFile(file);
  if (bytes.includes(0)) {
    const wide =
      bytes.includes(Buffer.from([0xff, 0xfe])) || bytes.filter((byte) => byte === 0).length * 3 > bytes.length;
    throw Object.assign(new Error('NUL character'), { code: wide ? 'UTF-16' : 'NUL' });
  }
  return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
}

function whyUnreadable(error: unknown): string {
  const { code } = error as NodeJS.ErrnoException;
  switch (code) {
    case 'ENOENT':
      return 'no such file or folder';
    case 'EACCES':
      return 'permission denied';
    case 'ERR_ENCODING_INVALID_ENCODED_DATA':
      return 'it is not UTF-8 text; save it as UTF-8';
    case 'UTF-16':
      return 'it is UTF-16 text; save it as UTF-8';
    case 'NUL':
      return 'it contains a NUL character';
    case 'EISDIR':
      return 'it is a folder';
    case 'ENOTDIR':
      return 'a file stands where a folder should be';
    default:
      return code ?? String(error);
  }
}
