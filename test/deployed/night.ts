import { call } from './aws.ts';
import { until } from './checks.ts';
import { type Deployment, physicalOf } from './deployment.ts';

export interface Execution {
  readonly executionArn: string;
  readonly status: string;
  readonly input?: string;
  readonly startDate?: Date;
  readonly cause?: string;
}

const SCHEDULE = 'AWS::Scheduler::Schedule';

export interface ScheduleSettings {
  readonly Name: string;
  readonly ScheduleExpression: string;
  readonly ScheduleExpressionTimezone?: string;
  readonly FlexibleTimeWindow: object;
  readonly State?: string;
  readonly Target: { readonly Arn: string; readonly Input: string };
}

export async function scheduleOf(deployment: Deployment, beginning: string): Promise<ScheduleSettings> {
  const Name = physicalOf(deployment, SCHEDULE, beginning);
  const found = await call<ScheduleSettings>('scheduler', 'GetSchedule', { Name });
  const { ScheduleExpression, ScheduleExpressionTimezone, FlexibleTimeWindow, State, Target } = found;
  return {
    Name,
    ScheduleExpression,
    ...(ScheduleExpressionTimezone ? { ScheduleExpressionTimezone } : {}),
    FlexibleTimeWindow,
    ...(State ? { State } : {}),
    Target,
  };
}

export async function executions(stateMachineArn: string): Promise<Execution[]> {
  const { executions: found = [] } = await call<{ executions?: Execution[] }>('sfn', 'ListExecutions', {
    stateMachineArn,
  });
  return found.filter((e) => !e.executionArn.includes('/EvaluateRuns:'));
}

/** Waits for an execution to end. */
export async function ended(executionArn: string): Promise<Execution> {
  let found = { executionArn, status: 'RUNNING' } as Execution;
  await until('the end of the night', async () => {
    found = await call<Execution>('sfn', 'DescribeExecution', { executionArn });
    return found.status !== 'RUNNING';
  });
  if (found.status !== 'SUCCEEDED') console.log(JSON.stringify(found).slice(0, 2_000));
  return found;
}

export async function execute({ outputs }: Deployment, input: string): Promise<Execution> {
  const { executionArn } = await call<{ executionArn: string }>('sfn', 'StartExecution', {
    stateMachineArn: outputs.NightlyArn,
    input,
  });
  return ended(executionArn);
}
