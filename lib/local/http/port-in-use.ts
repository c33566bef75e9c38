/** The failure of a server whose port on 127.0.0.1 is already taken. */
export class PortInUse extends Error {
  override readonly name = 'PortInUse';

  constructor(
    readonly port: number,
    readonly what: string,
    options?: ErrorOptions,
  ) {
    super(
      `${what} cannot listen on 127.0.0.1:${port}: another process already does. ` +
        'End that process, or choose another port (a port of 0 takes any free one).',
      options,
    );
  }
}
