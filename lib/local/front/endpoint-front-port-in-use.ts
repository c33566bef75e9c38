/** The failure of an endpoint front whose port belongs to somebody else. */
export class EndpointFrontPortInUse extends Error {
  override readonly name = 'EndpointFrontPortInUse';
  constructor(
    readonly port: number,
    cause: unknown,
  ) {
    super(
      `the endpoint front cannot listen on 127.0.0.1:${port}: the port is in use; ` +
        `choose another port, or stop the process that holds this one ("lsof -i :${port}" names it)`,
      { cause },
    );
  }
}
