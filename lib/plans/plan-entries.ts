/** What lies in a plan folder: which of it is read, which is known to be nothing of the plan's, and that nothing else is passed over in silence. */
import { parseChangeFileName } from '../core/changes';

export interface Entry {
  readonly name: string;
  readonly isFolder: boolean;
}

export type SubFolder = 'changes' | 'checks' | 'local';

/** What may lie in each, in words. */
const ALLOWED: Readonly<Record<SubFolder, string>> = {
  changes: '0001_name.sql, 0001_name.contract.sql, V1__name.sql, 1_name.up.sql',
  checks: 'name.sql, name.same.sql, name.faster-than-blue.sql, without further dots',
  local: 'seed.sql, workload.sql',
};

/** Notes, and what editors, file managers and git leave: a name that begins with a dot is nobody's migration, unless it says so. */
const NOTES = /^(readme|notes|changelog|license)(\.(md|txt|adoc|rst))?$/i;
const HOUSEKEEPING = /^(\.(?!.*\.sql$).*|.*~|thumbs\.db|desktop\.ini)$/i;

/** Scripts that take a change back, in the layouts of golang-migrate, yoyo and others. The way back is failback, not a script. */
const TAKES_BACK = /^(\d+_[^/]+)\.(down|undo|rollback|revert)\.sql$/;

/** What a name says of its file: nothing that it says is passed over. */
const READ = /(\.contract)?(\.up)?\.sql$/;
const SAYS_MORE = /\.([a-z][a-z_-]*)\.sql$/i;

/** The names of the files to be read, and what is wrong with the others. */
export function readableEntries(folder: SubFolder, entries: readonly Entry[]): { files: string[]; problems: string[] } {
  const files: string[] = [];
  const problems: string[] = [];
  for (const { name, isFolder } of entries) {
    const problem = isFolder ? folderProblem(folder, name) : fileProblem(folder, name, entries);
    if (problem === undefined) {
      files.push(name);
    } else if (problem !== PASSED_OVER) {
      problems.push(`${folder}/${name}${isFolder ? '/' : ''}: ${problem}`);
    }
  }
  return { files, problems };
}

const PASSED_OVER = '';

function folderProblem(folder: SubFolder, name: string): string {
  const flat = folder === 'changes' && /^\d+_[^.]*$/.test(name) ? `, as ${name}.sql` : '';
  return name.startsWith('.')
    ? PASSED_OVER
    : `is a folder, and none is read in here; put what a run needs of it into ${folder}/ itself${flat}, the rest elsewhere; allowed: ${ALLOWED[folder]}`;
}

function fileProblem(folder: SubFolder, name: string, entries: readonly Entry[]): string | undefined {
  if (NOTES.test(name) || HOUSEKEEPING.test(name)) {
    return PASSED_OVER;
  }
  if (!name.endsWith('.sql')) {
    const renamed = /\.sql$/i.test(name) ? `; call it ${name.replace(/\.sql$/i, '.sql')}` : '';
    return `is not read${renamed}; allowed: ${ALLOWED[folder]}, and README files`;
  }
  switch (folder) {
    case 'changes':
      return changeProblem(name, entries);
    case 'local':
      return name === 'seed.sql' || name === 'workload.sql' ? undefined : `is not read; allowed: ${ALLOWED.local}`;
    case 'checks':
      return undefined;
  }
}

function changeProblem(name: string, entries: readonly Entry[]): string | undefined {
  if (TAKES_BACK.test(name)) {
    const number = Number.parseInt(name, 10);
    return entries.some((entry) => !TAKES_BACK.test(entry.name) && parseChangeFileName(entry.name)?.number === number)
      ? PASSED_OVER
      : 'takes a change back that is not there; the way back is failback, no script: remove it, or give it the name of a change';
  }
  if (/^U[\d._]+__/.test(name)) {
    return "is an undo migration of Flyway's; the way back is failback, no script: move it elsewhere";
  }
  if (/^[RB][\d._]*__/.test(name)) {
    return "is a repeatable or baseline migration of Flyway's, which are not read; every change has a number and is applied once: call it V<next number>__name.sql";
  }
  if (/^V\d+[\d._]*__/.test(name) && !parseChangeFileName(name)) {
    return 'the version has several parts, and changes are numbered through; call it V<next number>__name.sql';
  }
  if (!parseChangeFileName(name)) {
    return `the name does not begin with a number and _; allowed: ${ALLOWED.changes}`;
  }
  const [, word] = SAYS_MORE.exec(name.replace(READ, '.sql')) ?? [];
  return (
    word &&
    `.${word} says nothing here, and what it may have said to another tool is not done; allowed: ${ALLOWED.changes}`
  );
}

/** Entries of the plan folder itself that stand where one that is read was meant. */
export function misnamedEntries(entries: readonly Entry[]): string[] {
  return entries.flatMap(({ name, isFolder }) => {
    const meant = isFolder ? MEANT.find(([pattern]) => pattern.test(name))?.[1] : undefined;
    return meant === undefined || meant === name || entries.some((entry) => entry.name === meant)
      ? []
      : [`${name}/: is not read; call it ${meant}/`];
  });
}

const MEANT: readonly [RegExp, SubFolder][] = [
  [/^(changes?|migrations?)$/i, 'changes'],
  [/^checks?$/i, 'checks'],
  [/^local$/i, 'local'],
];
