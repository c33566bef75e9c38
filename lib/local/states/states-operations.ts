/** The operations of the Step Functions API that are offered, each as request fields in and response body out. */
import type { HistoryEvent } from './history-event';
import type { RequestFields } from './request-fields';
import type { ExecutionDescription, StatesService } from './states-service';
import { StatesServiceError } from './states-service-error';

type Operation = (service: StatesService, fields: RequestFields) => object;

const STATUSES = ['RUNNING', 'SUCCEEDED', 'FAILED', 'TIMED_OUT', 'ABORTED'];

export const STATES_OPERATIONS: Readonly<Record<string, Operation>> = {
  StartExecution(service, fields) {
    const name = fields.optionalText('name');
    const input = fields.optionalText('input');
    const stateMachineArn = fields.text('stateMachineArn');
    const started = service.startExecution({
      stateMachineArn,
      ...(name === undefined ? {} : { name }),
      ...(input === undefined ? {} : { input }),
    });
    return { executionArn: started.executionArn, startDate: seconds(started.startDate) };
  },
  DescribeExecution(service, fields) {
    const { startDate, stopDate, ...described } = service.describeExecution(fields.text('executionArn'));
    return {
      ...described,
      ...dates(startDate, stopDate),
      inputDetails: { included: true },
      ...(described.output === undefined ? {} : { outputDetails: { included: true } }),
      redriveCount: 0,
      redriveStatus: 'NOT_REDRIVABLE',
      redriveStatusReason: 'the local engine does not redrive executions',
    };
  },
  GetExecutionHistory(service, fields) {
    const events = [...service.history(fields.text('executionArn'))];
    if (fields.flag('reverseOrder', false)) events.reverse();
    const { items, ...rest } = fields.page(events);
    const withData = fields.flag('includeExecutionData', true);
    return { events: items.map((event) => wireEvent(event, withData)), ...rest };
  },
  StopExecution(service, fields) {
    const [error, cause] = [fields.optionalText('error'), fields.optionalText('cause')];
    const reason = { ...(error === undefined ? {} : { error }), ...(cause === undefined ? {} : { cause }) };
    return { stopDate: seconds(service.stopExecution(fields.text('executionArn'), reason).stopDate) };
  },
  ListExecutions(service, fields) {
    const filter = fields.optionalText('statusFilter');
    if (filter !== undefined && !STATUSES.includes(filter)) {
      throw new StatesServiceError(
        'ValidationException',
        `1 validation error detected: Value '${filter}' at 'statusFilter' failed to satisfy constraint: Member must satisfy enum value set: [${STATUSES.join(', ')}]`,
      );
    }
    const all = service.listExecutions(fields.text('stateMachineArn'));
    const { items, ...rest } = fields.page(all.filter(({ status }) => filter === undefined || status === filter));
    return { executions: items.map(listed), ...rest };
  },
  SendTaskSuccess(service, fields) {
    service.sendTaskSuccess(fields.text('taskToken'), fields.text('output'));
    return {};
  },
  SendTaskFailure(service, fields) {
    service.sendTaskFailure(fields.text('taskToken'), {
      error: fields.optionalText('error'),
      cause: fields.optionalText('cause'),
    });
    return {};
  },
  SendTaskHeartbeat(service, fields) {
    service.sendTaskHeartbeat(fields.text('taskToken'));
    return {};
  },
  DescribeStateMachine(service, fields) {
    const { creationDate, ...described } = service.describeStateMachine(fields.text('stateMachineArn'));
    return {
      stateMachineArn: described.stateMachineArn,
      name: described.name,
      definition: described.definition,
      roleArn: described.roleArn,
      creationDate: seconds(creationDate),
      status: 'ACTIVE',
      type: 'STANDARD',
    };
  },
  ListStateMachines(service, fields) {
    const { items, ...rest } = fields.page(service.listStateMachines());
    const stateMachines = items.map(({ stateMachineArn, name, creationDate }) => ({
      stateMachineArn,
      name,
      type: 'STANDARD',
      creationDate: seconds(creationDate),
    }));
    return { stateMachines, ...rest };
  },
};

function listed({ executionArn, stateMachineArn, name, status, startDate, stopDate }: ExecutionDescription): object {
  return { executionArn, stateMachineArn, name, status, ...dates(startDate, stopDate), redriveCount: 0 };
}

/** Without execution data, details lose what came in and went out and keep the rest. */
function wireEvent(event: HistoryEvent, withData: boolean): object {
  const { timestamp, ...rest } = event;
  const entries = Object.entries(rest).map(([key, value]) => {
    if (withData || typeof value !== 'object') return [key, value];
    return [
      key,
      Object.fromEntries(
        Object.entries(value).filter(([field]) => !/^(input|output|assignedVariables)(Details)?$/.test(field)),
      ),
    ];
  });
  return { timestamp: seconds(timestamp), ...Object.fromEntries(entries) };
}

function dates(startDate: Date, stopDate: Date | undefined): object {
  return { startDate: seconds(startDate), ...(stopDate ? { stopDate: seconds(stopDate) } : {}) };
}

/** The protocol's timestamps are seconds since the epoch. */
function seconds(date: Date): number {
  return date.getTime() / 1000;
}
