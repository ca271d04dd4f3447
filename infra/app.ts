import { App, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { WattlineStack } from './wattline-stack.ts';

const app = new App();
Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
new WattlineStack(app, 'Wattline', {
  description: 'Wattline: telemetry of AI training chips to a ramp decision',
});
