import { App, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks, ServerlessChecks } from 'cdk-nag';
import { stackNameOf, stageOf } from './stages/all.ts';
import { WattlineStack } from './wattline-stack.ts';

const app = new App();
Validations.of(app).addPlugins(new AwsSolutionsChecks(app), new ServerlessChecks(app));
/** `cdk deploy -c stage=prod`; a file in infra/stages each. */
const stage = stageOf(app.node.tryGetContext('stage') ?? 'default');
const { account = process.env.CDK_DEFAULT_ACCOUNT, region = process.env.CDK_DEFAULT_REGION } = stage;
const isPlaced = stage.account !== undefined || stage.region !== undefined;
new WattlineStack(app, stackNameOf(stage), {
  stage,
  // Without a place of its own the stack goes where the credentials lead.
  ...(isPlaced ? { env: { account, region } } : {}),
  description: 'Wattline: telemetry of AI training chips to a ramp decision',
});
