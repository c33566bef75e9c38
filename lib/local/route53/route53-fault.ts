/** An error as the Route 53 API reports it: AWS's code, its HTTP status and a message. */

/** Source: API reference, common errors and those of the operations; throttling is a 400 here, not a 429. */
const HTTP_STATUS = {
  InvalidChangeBatch: 400,
  InvalidInput: 400,
  MalformedInput: 400,
  NoSuchChange: 404,
  NoSuchHostedZone: 404,
  PriorRequestNotComplete: 400,
  Throttling: 400,
  InternalFailure: 500,
} as const;

export class Route53Fault extends Error {
  override readonly name = 'Route53Fault';

  constructor(
    readonly code: keyof typeof HTTP_STATUS,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }

  get httpStatus(): number {
    return HTTP_STATUS[this.code];
  }
}
