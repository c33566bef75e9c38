/** The Executions port: executions of one state machine through the Step Functions API. */
import {
  DescribeExecutionCommand,
  ExecutionAlreadyExists,
  type ExecutionListItem,
  ListExecutionsCommand,
  type SFNClient,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import { isRunning, type SeenExecution } from '../core/guarding';
import type { Executions } from '../ports/executions';

/** The most there are. Source: Step Functions API reference, ListExecutions. */
const PER_PAGE = 1_000;

export class RunExecutions implements Executions {
  constructor(
    private readonly client: SFNClient,
    private readonly stateMachineArn: string,
  ) {}

  async recent(sinceMs: number): Promise<readonly SeenExecution[]> {
    const recent: SeenExecution[] = [];
    let nextToken: string | undefined;
    do {
      const page = await this.client.send(
        new ListExecutionsCommand({
          stateMachineArn: this.stateMachineArn,
          maxResults: PER_PAGE,
          ...(nextToken !== undefined && { nextToken }),
        }),
      );
      for (const item of page.executions ?? []) {
        if (isRunning({ name: '', status: item.status ?? '' }) || (item.stopDate?.getTime() ?? 0) >= sinceMs) {
          recent.push(await this.described(item));
        }
      }
      nextToken = page.nextToken;
    } while (nextToken !== undefined);
    return recent;
  }

  async start(name: string, input: object): Promise<boolean> {
    const { stateMachineArn } = this;
    try {
      await this.client.send(new StartExecutionCommand({ stateMachineArn, name, input: JSON.stringify(input) }));
      return true;
    } catch (error) {
      if (error instanceof ExecutionAlreadyExists) {
        return false;
      }
      throw error;
    }
  }

  /** What it was started with and why it failed only a description tells. */
  private async described({ executionArn, name = '' }: ExecutionListItem): Promise<SeenExecution> {
    const { status, input, error, stopDate } = await this.client.send(new DescribeExecutionCommand({ executionArn }));
    return { name, status: status ?? '', input, error, endedMs: stopDate?.getTime() };
  }
}
