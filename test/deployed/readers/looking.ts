import { call } from '../aws.ts';
import { ACCOUNT } from '../deployment.ts';
import type { Reader } from './reader.ts';

const database: Reader = async (Name) => {
  const { Database } = await call<{ Database?: { CatalogId?: string } }>('glue', 'GetDatabase', { Name });
  return { CatalogId: Database?.CatalogId, DatabaseInput: Database };
};

const table: Reader = async (id, { DatabaseName }) => {
  const Name = id.split(/[|/:]/).at(-1);
  const { Table } = await call<{ Table?: { CatalogId?: string; DatabaseName?: string } }>(
    'glue',
    'GetTable',
    {
      DatabaseName,
      Name,
    },
  );
  return { CatalogId: Table?.CatalogId ?? ACCOUNT, DatabaseName: Table?.DatabaseName, TableInput: Table };
};

const workGroup: Reader = async (WorkGroup) => {
  const found = await call<{ WorkGroup?: { Configuration?: object } }>('athena', 'GetWorkGroup', {
    WorkGroup,
  });
  return { ...found.WorkGroup, WorkGroupConfiguration: found.WorkGroup?.Configuration };
};

const alarm: Reader = async (name) => {
  const { MetricAlarms = [] } = await call<{ MetricAlarms?: { Metrics?: unknown[] }[] }>(
    'cloudwatch',
    'DescribeAlarms',
    { AlarmNames: [name] },
  );
  const { Metrics, ...found } = MetricAlarms[0] ?? {};
  return { ...found, Metrics: Metrics?.length ? Metrics : undefined };
};

const dashboard: Reader = (DashboardName) => call('cloudwatch', 'GetDashboard', { DashboardName });

/** What only looks on: catalogue, alarms, dashboards. */
export const LOOKING_READERS: Readonly<Record<string, Reader>> = {
  'AWS::Glue::Database': database,
  'AWS::Glue::Table': table,
  'AWS::Athena::WorkGroup': workGroup,
  'AWS::CloudWatch::Alarm': alarm,
  'AWS::CloudWatch::Dashboard': dashboard,
};
