import { readFileSync } from 'node:fs';
import { AuditSchema, auditFaults, ExceptionsSchema } from './audit-findings.ts';
import { npm } from './npm.ts';

const EXCEPTIONS = new URL('./audit-exceptions.json', import.meta.url);
const exceptions = ExceptionsSchema.parse(JSON.parse(readFileSync(EXCEPTIONS, 'utf8')));

const say = (text: string): void => {
  process.stdout.write(`${text}\n`);
};

/** What npm answers where the registry was not reached or does not audit, as mirrors often do not. */
const isNoAnswer = (report: object): boolean => !('auditReportVersion' in report) && 'error' in report;

const report = JSON.parse(npm(['audit', '--json']).stdout || '{"error":{}}') as object;
if (isNoAnswer(report)) {
  say('the audit is left out: the registry was not reached, or has no endpoint for it');
  process.exit(0);
}
const faults = auditFaults(AuditSchema.parse(report), exceptions, new Date().toISOString().slice(0, 10));
for (const fault of faults) say(fault);
say(faults.length === 0 ? 'nothing is known against any package' : `${faults.length} findings`);
process.exit(faults.length === 0 ? 0 : 1);
