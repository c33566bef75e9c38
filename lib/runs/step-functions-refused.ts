/** Step Functions did not take a request, or nobody was there to take it. */
import { ExpectedError } from '../core/expected-error';

const SOMETHING_ELSE =
  'something else than Step Functions seems to listen there: check the address, or try again later';

/** By the code of the error; what the caller can do about it. */
const REMEDIES: Readonly<Record<string, string>> = {
  StateMachineDoesNotExist:
    "give the ARN that the stack's output StateMachineArn shows, and use credentials of the account it is in",
  AccessDeniedException:
    'allow the caller states:StartExecution on the state machine, and states:DescribeExecution and states:GetExecutionHistory on its executions',
  ExpiredTokenException: 'the credentials have expired: log in again',
  UnrecognizedClientException: 'the credentials are not known to AWS: log in again, or choose others with AWS_PROFILE',
  InvalidSignatureException: 'check the secret access key and the clock of this machine',
  CredentialsProviderError: 'there are no credentials: log in, or choose a profile with AWS_PROFILE',
  TokenProviderError: 'the login has expired: log in again',
  Unknown: SOMETHING_ELSE,
};

const UNREACHABLE =
  'nobody answered there: check the address and the network; "bluegreen local" prints the address of its own Step Functions API and serves it as long as it runs, with --hold until Ctrl-C';

/** The system's codes, such as ECONNREFUSED, and those of TLS; not Node.js' own ERR_…, which are about the program. */
const CONNECTION_CODES = /^(E(?!RR_)[A-Z_]+|\w*(CERT|TLS)_\w+|UNABLE_TO_\w+)$/;

export class StepFunctionsRefused extends ExpectedError {
  override readonly name = 'StepFunctionsRefused';
  constructor(
    readonly operation: string,
    readonly code: string,
    { said, remedy, cause }: { readonly said: string; readonly remedy: string; readonly cause: unknown },
  ) {
    super(`Step Functions: ${operation} failed with ${code}${said === '' ? '' : ` (${said})`}; ${remedy}`, { cause });
  }

  /** The refusal an error of the SDK stands for; undefined for one that is about the program. */
  static from(operation: string, error: unknown): StepFunctionsRefused | undefined {
    const { name = '', code = '', message = '', $fault } = error as Partial<Record<string, string>>;
    if ($fault !== undefined || REMEDIES[name] !== undefined) {
      const remedy = REMEDIES[name] ?? 'mend what it names, or try again later';
      return new StepFunctionsRefused(operation, name, { said: message, remedy, cause: error });
    }
    if ('$response' in (error as object)) {
      const said = 'the answer was none of that API';
      return new StepFunctionsRefused(operation, name, { said, remedy: SOMETHING_ELSE, cause: error });
    }
    const problem = CONNECTION_CODES.test(code) ? code : name === 'TimeoutError' ? name : undefined;
    return problem === undefined
      ? undefined
      : new StepFunctionsRefused(operation, problem, { said: message, remedy: UNREACHABLE, cause: error });
  }
}
