import { App, Stack, Validations } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { AwsSolutionsChecks } from 'cdk-nag';
import { beforeAll, describe, expect, test } from 'vitest';
import { namedQueries } from '../../functions/platform/lake/named-queries.ts';
import { LAKE_TABLES } from '../../functions/platform/lake/tables.ts';
import { LAKE_VIEWS } from '../../functions/platform/lake/views.ts';
import { decisionPrefix, evaluationPrefix, lakeKey } from '../../functions/platform/layout.ts';
import { Catalogue, type CatalogueProps, QUERY_LIMIT_BYTES } from '../../infra/catalogue.ts';

interface Column {
  readonly Name: string;
  readonly Type: string;
}
interface TableInput {
  readonly Name: string;
  readonly TableType: string;
  readonly ViewOriginalText: string;
  readonly PartitionKeys: readonly Column[];
  readonly Parameters: Record<string, { readonly 'Fn::Join': [string, unknown[]] } | string>;
  readonly StorageDescriptor: { readonly Columns: readonly Column[] };
}

function stackWith(props: Partial<CatalogueProps> = {}): { app: App; stack: Stack } {
  const app = new App();
  const stack = new Stack(app, 'Lake');
  const lake = new Bucket(stack, 'Bucket', { enforceSSL: true });
  Validations.of(lake).acknowledge({
    id: 'AwsSolutions-S1',
    reason: 'stands for the lake of the whole stack',
  });
  new Catalogue(stack, 'Catalogue', { lake, ...props });
  return { app, stack };
}

let template: Template;
let inputs: Record<string, TableInput>;

beforeAll(() => {
  template = Template.fromStack(stackWith().stack);
  const tables = Object.values(template.findResources('AWS::Glue::Table')) as {
    Properties: { TableInput: TableInput };
  }[];
  inputs = Object.fromEntries(tables.map(({ Properties: { TableInput } }) => [TableInput.Name, TableInput]));
});

/** A template of a location without the name of the bucket. */
function locationOf({ Parameters }: TableInput): string {
  const template = Parameters['storage.location.template'] as { 'Fn::Join': [string, unknown[]] };
  return template['Fn::Join'][1].map((part) => (typeof part === 'string' ? part : '<bucket>')).join('');
}

describe('tables', () => {
  test('are all that the lake has, and the views over them', () => {
    expect(Object.keys(inputs).sort()).toEqual(
      [...Object.values(LAKE_TABLES), ...LAKE_VIEWS].map(({ name }) => name).sort(),
    );
  });
  test.each([
    ['receipts', '.json'],
    ['segments', '.parquet'],
    ['progress', '.parquet'],
  ] as const)('%s project their partitions to where the layout puts them', (folder, suffix) => {
    const input = inputs[LAKE_TABLES[folder].name] as TableInput;
    const key = lakeKey(folder, 'P', 'R', 'S', 'V');
    const prefix = locationOf(input)
      .replace('s3://<bucket>/', '')
      .replace(/\$\{program\}/, 'P')
      .replace(/\$\{run\}/, 'R');
    expect(key.startsWith(prefix)).toBe(true);
    expect(key.endsWith(suffix)).toBe(true);
  });
  test('of results project to the folders of a program', () => {
    const place = (name: string): string =>
      locationOf(inputs[name] as TableInput).replace(/\$\{program\}/, 'P');
    expect(`s3://<bucket>/${evaluationPrefix('P', 'R')}`).toContain(place('evaluation_files'));
    expect(`s3://<bucket>/${decisionPrefix('P')}`).toBe(place('decision_files'));
  });
  test('take every partition from the query, and give each a projection and a place', () => {
    for (const { name, folder } of Object.values(LAKE_TABLES)) {
      const input = inputs[name] as TableInput;
      expect(input.Parameters['projection.enabled']).toBe('true');
      expect(locationOf(input)).toContain(`s3://<bucket>/${folder}/`);
      for (const { Name } of input.PartitionKeys) {
        expect(input.Parameters[`projection.${Name}.type`]).toBe('injected');
        expect(locationOf(input)).toContain(`/${Name}=\${${Name}}/`);
        // Glue refuses a table in which a partition is a column too.
        expect(input.StorageDescriptor.Columns.map((c) => c.Name)).not.toContain(Name);
      }
    }
  });
  test('have names in lower case, each once, and types that Glue has', () => {
    for (const { Name, StorageDescriptor, PartitionKeys } of Object.values(inputs)) {
      const columns = [...StorageDescriptor.Columns, ...(PartitionKeys ?? [])];
      const names = columns.map((c) => c.Name);
      expect([Name, new Set(names).size]).toEqual([Name, names.length]);
      for (const column of columns) {
        expect(column.Name).toBe(column.Name.toLowerCase());
        expect(column.Type).toMatch(/^(string|double|bigint|boolean|date|array<.+>|struct<.+>|map<.+>)$/);
        expect(column.Type.length).toBeLessThan(131_072);
      }
    }
  });
});

describe('views', () => {
  test('say the query and the types of the columns that they show', () => {
    for (const { name, columns } of LAKE_VIEWS) {
      const input = inputs[name] as TableInput;
      expect(input.TableType).toBe('VIRTUAL_VIEW');
      const [, encoded = ''] = /^\/\* Presto View: (.+) \*\/$/.exec(input.ViewOriginalText) ?? [];
      const view = JSON.parse(Buffer.from(encoded, 'base64').toString('utf8'));
      expect(view).toMatchObject({ catalog: 'awsdatacatalog', schema: 'wattline' });
      expect(view.originalSql).toMatch(/^select .* from /);
      expect(view.columns.map((c: { name: string }) => c.name)).toEqual(
        input.StorageDescriptor.Columns.map((c) => c.Name),
      );
      expect(view.columns).toHaveLength(columns.length);
      // Glue holds 409,600 bytes of the text of a view.
      expect(input.ViewOriginalText.length).toBeLessThan(409_600);
    }
  });
});

describe('the workgroup', () => {
  test('bounds what a query reads, and lets no client say otherwise', () => {
    template.hasResourceProperties('AWS::Athena::WorkGroup', {
      WorkGroupConfiguration: {
        EnforceWorkGroupConfiguration: true,
        BytesScannedCutoffPerQuery: QUERY_LIMIT_BYTES,
        ResultConfiguration: {
          EncryptionConfiguration: { EncryptionOption: 'SSE_S3' },
          ExpectedBucketOwner: Match.anyValue(),
        },
      },
    });
  });
  test('writes into a bucket that is closed, and forgets', () => {
    template.hasResourceProperties('AWS::S3::Bucket', {
      LifecycleConfiguration: { Rules: [Match.objectLike({ ExpirationInDays: 30, Status: 'Enabled' })] },
      PublicAccessBlockConfiguration: { BlockPublicAcls: true, RestrictPublicBuckets: true },
    });
  });
  test('has every query of data/queries, with what it answers', () => {
    const queries = namedQueries();
    expect(queries.length).toBeGreaterThanOrEqual(10);
    template.resourceCountIs('AWS::Athena::NamedQuery', queries.length);
    for (const { name, description, sql } of queries)
      template.hasResourceProperties('AWS::Athena::NamedQuery', {
        Name: name,
        Description: description,
        QueryString: sql,
      });
  });
});

describe('the stage', () => {
  test('stands before the names of database and workgroup', () => {
    const staged = Template.fromStack(stackWith({ stage: 'beta' }).stack);
    staged.hasResourceProperties('AWS::Glue::Database', { DatabaseInput: { Name: 'beta_wattline' } });
    staged.hasResourceProperties('AWS::Athena::WorkGroup', { Name: 'beta_wattline' });
  });
  test('that is no name is refused', () => {
    expect(() => stackWith({ stage: 'Beta-1' })).toThrow(/stage "Beta-1": expected a-z/);
  });
});

test('the catalogue passes cdk-nag', () => {
  const { app } = stackWith();
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  expect(() => app.synth()).not.toThrow();
});
