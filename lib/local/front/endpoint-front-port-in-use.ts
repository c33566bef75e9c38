/** The failure of an endpoint front whose port belongs to somebody else, or is not for us to use. */
import { ExpectedError } from '../../core/expected-error';

export class EndpointFrontPortInUse extends ExpectedError {
  override readonly name = 'EndpointFrontPortInUse';
  constructor(
    readonly port: number,
    cause: { readonly code: string | undefined },
  ) {
    super(
      cause.code === 'EACCES'
        ? `the endpoint front cannot listen on 127.0.0.1:${port}: this user may not use the port; choose one from 1024 on`
        : `the endpoint front cannot listen on 127.0.0.1:${port}: the port is in use; ` +
            `choose another port, or stop the process that holds this one ("lsof -i :${port}" names it)`,
      { cause },
    );
  }
}
