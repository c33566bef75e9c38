/** Errors that are about what was asked for or about this machine, not about the program: a message is enough. */

import { BlueGreenError } from '../core/errors';
import { StateFolderInUse } from '../local/folder-claim';
import { EndpointFrontPortInUse } from '../local/front/endpoint-front-port-in-use';
import { PortInUse } from '../local/http/port-in-use';
import { WorkloadMalformed } from '../local/prober/workload';
import { WorkloadUnusable } from '../local/prober/workload-unusable';
import { RunIdTaken } from '../local/run-state';
import {
  NoServerUser,
  PostgresBinariesMissing,
  PostgresBinariesUnusable,
  StateFolderUnreachable,
} from '../local/servers/postgres/errors';
import { ReportFolderUnusable } from '../report/write-report';
import { StepFunctionsRefused } from '../runs/step-functions-refused';
import { UsageError } from './usage-error';

const REFUSALS = [
  BlueGreenError,
  UsageError,
  StepFunctionsRefused,
  WorkloadMalformed,
  WorkloadUnusable,
  ReportFolderUnusable,
  RunIdTaken,
  StateFolderInUse,
  StateFolderUnreachable,
  EndpointFrontPortInUse,
  PortInUse,
  PostgresBinariesMissing,
  PostgresBinariesUnusable,
  NoServerUser,
];

export function isRefusal(error: unknown): boolean {
  return REFUSALS.some((refusal) => error instanceof refusal);
}
