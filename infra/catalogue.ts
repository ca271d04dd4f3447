import { Duration, Stack, Validations } from 'aws-cdk-lib';
import { CfnNamedQuery, CfnWorkGroup } from 'aws-cdk-lib/aws-athena';
import { CfnDatabase, CfnTable } from 'aws-cdk-lib/aws-glue';
import {
  BlockPublicAccess,
  Bucket,
  BucketEncryption,
  type IBucket,
  ObjectOwnership,
} from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { ATHENA, hiveType } from '../functions/platform/lake/dialects.ts';
import { namedQueries } from '../functions/platform/lake/named-queries.ts';
import { LAKE_TABLES, type LakeTable } from '../functions/platform/lake/tables.ts';
import { LAKE_VIEWS, type LakeView } from '../functions/platform/lake/views.ts';

export interface CatalogueProps {
  readonly lake: IBucket;
  /** Before the names of database and workgroup, where one account has several stages; a-z, 0-9 and _. */
  readonly stage?: string;
}

/** A query that reads more is cancelled: at 5 USD a TB it costs half a dollar at most. */
export const QUERY_LIMIT_BYTES = 100 * 2 ** 30;
/** Results are copies; whoever wants to keep one takes it. */
const RESULT_LIFE = Duration.days(30);
const ABANDONED_UPLOAD = Duration.days(7);
const TLS_MINIMUM = 1.2;
const ENGINE = 'Athena engine version 3';

/** How Athena reads a kind of file. */
const READERS = {
  json: {
    inputFormat: 'org.apache.hadoop.mapred.TextInputFormat',
    outputFormat: 'org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat',
    // Of the two readers of JSON the one whose answers Athena calls deterministic; it takes names without their case.
    serde: 'org.apache.hive.hcatalog.data.JsonSerDe',
    parameters: { 'serialization.format': '1' },
  },
  parquet: {
    inputFormat: 'org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat',
    outputFormat: 'org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat',
    serde: 'org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe',
    parameters: { 'serialization.format': '1' },
  },
} as const;

/** The lake as tables and views for Athena, with a workgroup that bounds what a query reads (docs/lake.md). */
export class Catalogue extends Construct {
  readonly databaseName: string;
  readonly workGroupName: string;
  readonly results: Bucket;
  private readonly lake: IBucket;

  constructor(scope: Construct, id: string, { lake, stage }: CatalogueProps) {
    super(scope, id);
    if (stage !== undefined && !/^[a-z][a-z0-9_]{0,30}$/.test(stage))
      throw new TypeError(
        `stage ${JSON.stringify(stage)}: expected a-z, 0-9 and _, at most 31, a letter first`,
      );
    this.lake = lake;
    this.databaseName = stage === undefined ? 'wattline' : `${stage}_wattline`;
    this.workGroupName = this.databaseName;
    this.results = this.resultBucket();
    const database = new CfnDatabase(this, 'Database', {
      catalogId: Stack.of(this).account,
      databaseInput: { name: this.databaseName, description: 'The lake of Wattline' },
    });
    const tables = Object.values(LAKE_TABLES).map((table) => this.table(table));
    const views = LAKE_VIEWS.map((view) => this.view(view));
    for (const part of [...tables, ...views]) part.addResourceDependency(database);
    const workGroup = this.workGroup();
    for (const { name, description, sql } of namedQueries()) {
      const query = new CfnNamedQuery(this, `Query-${name}`, {
        name,
        description,
        database: this.databaseName,
        workGroup: this.workGroupName,
        queryString: sql,
      });
      query.addResourceDependency(workGroup);
      query.addResourceDependency(database);
    }
  }

  private resultBucket(): Bucket {
    const bucket = new Bucket(this, 'Results', {
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      encryption: BucketEncryption.S3_MANAGED,
      enforceSSL: true,
      minimumTLSVersion: TLS_MINIMUM,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
      lifecycleRules: [{ expiration: RESULT_LIFE, abortIncompleteMultipartUploadAfter: ABANDONED_UPLOAD }],
    });
    Validations.of(bucket).acknowledge({
      id: 'AwsSolutions-S1',
      reason:
        'Copies of query results, which expire; Athena keeps the history of who asked what, and CloudTrail.',
    });
    return bucket;
  }

  private workGroup(): CfnWorkGroup {
    return new CfnWorkGroup(this, 'WorkGroup', {
      name: this.workGroupName,
      description: 'Queries over the lake of Wattline',
      recursiveDeleteOption: true,
      workGroupConfiguration: {
        enforceWorkGroupConfiguration: true,
        bytesScannedCutoffPerQuery: QUERY_LIMIT_BYTES,
        publishCloudWatchMetricsEnabled: true,
        requesterPaysEnabled: false,
        engineVersion: { selectedEngineVersion: ENGINE },
        resultConfiguration: {
          outputLocation: `s3://${this.results.bucketName}/`,
          expectedBucketOwner: Stack.of(this).account,
          encryptionConfiguration: { encryptionOption: 'SSE_S3' },
        },
      },
    });
  }

  /** Partitions are worked out from the query, never listed or added: `injected` needs the value in it. */
  private table(table: LakeTable): CfnTable {
    const { inputFormat, outputFormat, serde, parameters } = READERS[table.format];
    const location = `s3://${this.lake.bucketName}/${table.folder}/`;
    const template = table.partitions.map((name) => `${name}=\${${name}}/`).join('');
    return new CfnTable(this, `Table-${table.folder}`, {
      catalogId: Stack.of(this).account,
      databaseName: this.databaseName,
      tableInput: {
        name: table.name,
        tableType: 'EXTERNAL_TABLE',
        partitionKeys: table.partitions.map((name) => ({ name, type: 'string' })),
        parameters: {
          EXTERNAL: 'TRUE',
          classification: table.format,
          'projection.enabled': 'true',
          ...Object.fromEntries(table.partitions.map((name) => [`projection.${name}.type`, 'injected'])),
          'storage.location.template': `${location}${template}`,
        },
        storageDescriptor: {
          location,
          inputFormat,
          outputFormat,
          serdeInfo: { serializationLibrary: serde, parameters },
          columns: glueColumns(table.columns),
        },
      },
    });
  }

  /** A view as Athena itself keeps one: its query and the types of its columns, as JSON in base64. */
  private view({ name, description, columns, sql }: LakeView): CfnTable {
    const definition = {
      originalSql: sql(ATHENA),
      catalog: 'awsdatacatalog',
      schema: this.databaseName,
      columns: columns.map((c) => ({ name: c.name.toLowerCase(), type: ATHENA.typeName(c.type) })),
    };
    const encoded = Buffer.from(JSON.stringify(definition)).toString('base64');
    return new CfnTable(this, `View-${name}`, {
      catalogId: Stack.of(this).account,
      databaseName: this.databaseName,
      tableInput: {
        name,
        description,
        tableType: 'VIRTUAL_VIEW',
        parameters: { presto_view: 'true', comment: 'Presto View' },
        viewOriginalText: `/* Presto View: ${encoded} */`,
        viewExpandedText: '/* Presto View */',
        storageDescriptor: { location: '', columns: glueColumns(columns), serdeInfo: {} },
      },
    });
  }
}

const glueColumns = (columns: LakeView['columns']): CfnTable.ColumnProperty[] =>
  columns.map(({ name, type }) => ({ name: name.toLowerCase(), type: hiveType(type) }));
