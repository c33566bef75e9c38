import { misnamedEntries, readableEntries, type SubFolder } from '../../../lib/plans/plan-entries';

const file = (name: string) => ({ name, isFolder: false });
const folder = (name: string) => ({ name, isFolder: true });
const CHANGES = 'allowed: 0001_name.sql, 0001_name.contract.sql, V1__name.sql, 1_name.up.sql';

describe('an entry of a folder of the plan', () => {
  it('is read, or is known to be none of the plan', () => {
    const names = [
      '0001_a.sql',
      'V2__b.sql',
      '3_c.up.sql',
      '3_c.down.sql',
      '4_d.contract.sql',
      '0001_a.rollback.sql',
      '5_v1.2_e.sql',
    ];
    const others = ['README.md', 'readme', '.gitkeep', '.DS_Store', '.gitignore', '0001_a.sql~', 'Thumbs.db'];
    expect(readableEntries('changes', [...[...names, ...others].map(file), folder('.idea')])).toEqual({
      files: ['0001_a.sql', 'V2__b.sql', '3_c.up.sql', '4_d.contract.sql', '5_v1.2_e.sql'],
      problems: [],
    });
    expect(readableEntries('local', ['seed.sql', 'workload.sql'].map(file)).problems).toEqual([]);
  });

  it.each<[SubFolder, ReturnType<typeof file>, string]>([
    [
      'changes',
      file('0001_A.SQL'),
      `changes/0001_A.SQL: is not read; call it 0001_A.sql; ${CHANGES}, and README files`,
    ],
    ['changes', file('0001_a.sql.gz'), `changes/0001_a.sql.gz: is not read; ${CHANGES}, and README files`],
    ['changes', file('migration_lock.toml'), `changes/migration_lock.toml: is not read; ${CHANGES}, and README files`],
    ['changes', file('.0001_a.sql'), `changes/.0001_a.sql: the name does not begin with a number and _; ${CHANGES}`],
    ['changes', file('a.sql'), `changes/a.sql: the name does not begin with a number and _; ${CHANGES}`],
    [
      'changes',
      folder('20240101120000_currency'),
      `changes/20240101120000_currency/: is a folder, and none is read in here; put what a run needs of it into changes/ itself, as 20240101120000_currency.sql, the rest elsewhere; ${CHANGES}`,
    ],
    [
      'changes',
      file('0002_b.down.sql'),
      'changes/0002_b.down.sql: takes a change back that is not there; the way back is failback, no script: remove it, or give it the name of a change',
    ],
    [
      'changes',
      file('U1__a.sql'),
      "changes/U1__a.sql: is an undo migration of Flyway's; the way back is failback, no script: move it elsewhere",
    ],
    [
      'changes',
      file('V1.1__a.sql'),
      'changes/V1.1__a.sql: the version has several parts, and changes are numbered through; call it V<next number>__name.sql',
    ],
    ...['contrct', 'Contract', 'notx', 'no_transaction', 'before', 'do'].map(
      (word): [SubFolder, ReturnType<typeof file>, string] => [
        'changes',
        file(`0001_a.${word}.sql`),
        `changes/0001_a.${word}.sql: .${word} says nothing here, and what it may have said to another tool is not done; ${CHANGES}`,
      ],
    ),
    [
      'changes',
      file('R__views.sql'),
      "changes/R__views.sql: is a repeatable or baseline migration of Flyway's, which are not read; every change has a number and is applied once: call it V<next number>__name.sql",
    ],
    [
      'checks',
      folder('more'),
      'checks/more/: is a folder, and none is read in here; put what a run needs of it into checks/ itself, the rest elsewhere; allowed: name.sql, name.same.sql, name.faster-than-blue.sql, without further dots',
    ],
    ['local', file('Seed.sql'), 'local/Seed.sql: is not read; allowed: seed.sql, workload.sql'],
    ['local', file('seed.dump'), 'local/seed.dump: is not read; allowed: seed.sql, workload.sql, and README files'],
  ])('refuses what is not read in %s: %o', (where, entry, problem) => {
    expect(readableEntries(where, [entry])).toEqual({ files: [], problems: [problem] });
  });

  it('refuses a folder that stands where changes, checks or local was meant', () => {
    expect(
      misnamedEntries([folder('Changes'), folder('check'), folder('local'), folder('docs'), file('plan.json')]),
    ).toEqual(['Changes/: is not read; call it changes/', 'check/: is not read; call it checks/']);
    expect(misnamedEntries([folder('changes'), folder('migrations')])).toEqual([]);
  });
});
