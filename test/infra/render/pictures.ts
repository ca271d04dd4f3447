import type { FunctionName } from '../../../functions/platform/metrics.ts';
import { resourcesOf, synthesised, type Widget, widgetsOf } from '../synthesised.ts';
import { dashboardSvg } from './dashboard-svg.ts';
import { MetricStore } from './metric-store.ts';
import { simulatePilots } from './pilot-metrics.ts';
import { PipelineDays, type Resources } from './pipeline-metrics.ts';

export interface Picture {
  readonly file: string;
  readonly widgets: readonly Widget[];
  readonly svg: string;
}

/** Names of resources, as the widgets have them. */
function resourceNames(template: ReturnType<typeof synthesised>): Resources {
  const ids = (type: string): string[] =>
    Object.entries(resourcesOf(template)).flatMap(([id, r]) => (r.Type === type ? [id] : []));
  const one = (type: string, name: RegExp): string => {
    const id = ids(type).find((candidate) => name.test(candidate));
    if (!id) throw new Error(`no ${type} of a name like ${name}`);
    return id;
  };
  const queues = ids('AWS::SQS::Queue');
  const isFed = (id: string): boolean => /(Ingest|Evaluate)Queue/.test(id);
  return {
    lambda: (fn: FunctionName) => one('AWS::Lambda::Function', new RegExp(fn, 'i')),
    queue: (name) => `${one('AWS::SQS::Queue', new RegExp(`${name}queue`, 'i'))}.QueueName`,
    deadLetters: queues.filter((id) => !isFed(id)).map((id) => `${id}.QueueName`),
    machine: one('AWS::StepFunctions::StateMachine', /Machine/),
  };
}

const alarmNames =
  (template: ReturnType<typeof synthesised>) =>
  (arn: string): string =>
    String(resourcesOf(template)[arn.replace(/\.Arn$/, '')]?.Properties.AlarmName ?? arn).replace(
      /^.*: /,
      '',
    );

/** Both dashboards with simulated metrics: pilots through the handlers, and three days of a pipeline. */
export async function pictures(): Promise<Picture[]> {
  const template = synthesised();
  const pilots = new MetricStore();
  await simulatePilots(pilots);
  const pipeline = new MetricStore();
  new PipelineDays(pipeline, resourceNames(template)).run();
  return [
    { id: 'Pilots', file: 'dashboard-pilot.svg', title: 'Pilot dashboard, simulated data', store: pilots },
    {
      id: 'Pipeline',
      file: 'dashboard-pipeline.svg',
      title: 'Pipeline dashboard, simulated data',
      store: pipeline,
    },
  ].map(({ id, file, title, store }) => {
    const widgets = widgetsOf(template, id);
    return { file, widgets, svg: dashboardSvg(title, widgets, { store, nameOf: alarmNames(template) }) };
  });
}
