import type { ILogGroup } from 'aws-cdk-lib/aws-logs';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { IStateMachine } from 'aws-cdk-lib/aws-stepfunctions';

/** Pages of the AWS console, for the texts of dashboards. */
const home = (service: string, region: string): string =>
  `https://${region}.console.aws.amazon.com/${service}`;

export const bucketUrl = ({ bucketName }: IBucket, prefix: string, region: string): string =>
  `${home('s3', region)}/buckets/${bucketName}?region=${region}&prefix=${prefix}`;

export const objectUrl = ({ bucketName }: IBucket, key: string, region: string): string =>
  `${home('s3', region)}/object/${bucketName}?region=${region}&prefix=${key}`;

/** The console wants the queue's own URL inside of its own, so that the slashes have to be escaped. */
export const queueUrl = ({ queueName }: IQueue, account: string, region: string): string =>
  `${home('sqs/v3/home', region)}?region=${region}#/queues/https%3A%2F%2Fsqs.${region}.amazonaws.com%2F${account}%2F${queueName}`;

export const logGroupUrl = ({ logGroupName }: ILogGroup, region: string): string =>
  `${home('cloudwatch/home', region)}?region=${region}#logsV2:log-groups/log-group/${logGroupName}`;

export const machineUrl = ({ stateMachineArn }: IStateMachine, region: string): string =>
  `${home('states/home', region)}?region=${region}#/statemachines/view/${stateMachineArn}`;
