import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { StageInput } from '../../infra/stage.ts';
import { prod } from '../../infra/stages/prod.ts';
import { addChecks, appOf } from './deployment.ts';

interface Report {
  readonly pluginReports: readonly { readonly violations: readonly { readonly ruleName: string }[] }[];
}

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'wattline-synth-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
  process.exitCode = 0; // a synthesis with findings sets it, for the command line
});

/** Rules of AwsSolutions and Serverless that find something nobody has answered for. */
function findings(stage: StageInput, isSpoiled = false): string[] {
  const { app, stack } = appOf(stage, folder);
  addChecks(app);
  if (isSpoiled) new Queue(stack, 'Unguarded');
  try {
    app.synth();
  } catch (error) {
    if ((error as Error).name !== 'ValidationFailed') throw error; // the report says what was found
  }
  const report = JSON.parse(readFileSync(join(folder, 'validation-report.json'), 'utf8')) as Report;
  return report.pluginReports.flatMap((p) => p.violations.map((v) => v.ruleName));
}

describe('the rule packs AwsSolutions and Serverless', () => {
  test.each<StageInput>([
    { name: 'default' },
    prod,
    {
      name: 'full',
      kms: true,
      retention: { landingDays: 30 },
      verdictEmail: 'a@example.com',
      alarmEmail: 'a@example.com',
      uploaders: [{ program: 'p', principals: ['arn:aws:iam::111122223333:role/collector'] }],
      readers: ['arn:aws:iam::111122223333:root'],
    },
  ])('have nothing to say of the stage $name', (stage) => {
    expect(findings(stage)).toEqual([]);
  });
  test('would say what is wrong', () => {
    const found = findings({ name: 'default' }, true).join(' ');
    expect(found).toMatch(/SQS3/);
    expect(found).toMatch(/SQSRedrivePolicy/);
  });
});
