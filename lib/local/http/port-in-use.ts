/** The failure of a server whose port on 127.0.0.1 is already taken, or is not for this user. */
import { ExpectedError } from '../../core/expected-error';

export class PortInUse extends ExpectedError {
  override readonly name = 'PortInUse';

  constructor(
    readonly port: number,
    readonly what: string,
    options?: ErrorOptions,
  ) {
    const { code } = (options?.cause ?? {}) as NodeJS.ErrnoException;
    const why =
      code === 'EACCES'
        ? 'this user may not use the port. Choose'
        : 'another process already does. End that process, or choose';
    super(`${what} cannot listen on 127.0.0.1:${port}: ${why} another port (a port of 0 takes any free one).`, options);
  }
}
