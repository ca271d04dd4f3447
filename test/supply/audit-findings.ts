import * as z from 'zod';

/** What `npm audit --json` writes where it has an answer (auditReportVersion 2). */
export const AuditSchema = z.looseObject({
  auditReportVersion: z.literal(2),
  vulnerabilities: z.record(
    z.string(),
    z.looseObject({
      severity: z.string(),
      via: z.array(z.union([z.string(), z.looseObject({ url: z.string(), title: z.string() })])),
    }),
  ),
});
type Audit = z.infer<typeof AuditSchema>;

/** Advisories that were looked at and do no harm here, each for a time: then somebody looks again. */
export const ExceptionsSchema = z.array(
  z.strictObject({
    advisory: z.string().regex(/^GHSA(?:-[0-9a-z]{4}){3}$/),
    package: z.string().min(1),
    reason: z.string().min(20),
    expires: z.iso.date(),
  }),
);
type Exceptions = z.infer<typeof ExceptionsSchema>;

const advisoryOf = (url: string): string => url.split('/').at(-1) ?? url;

/** Findings that nothing explains, explanations that are over, and those that explain nothing any more. */
export function auditFaults(audit: Audit, exceptions: Exceptions, today: string): string[] {
  const faults: string[] = [];
  const used = new Set<Exceptions[number]>();
  for (const [name, { severity, via }] of Object.entries(audit.vulnerabilities))
    for (const cause of via) {
      // A name is a package that depends on one with a finding of its own.
      if (typeof cause === 'string') continue;
      const advisory = advisoryOf(cause.url);
      const known = exceptions.find((e) => e.advisory === advisory && e.package === name);
      if (!known) faults.push(`${name}: ${severity}: ${cause.title} (${cause.url})`);
      else if (known.expires < today)
        faults.push(`${name}: the exception for ${advisory} ended on ${known.expires}`);
      if (known) used.add(known);
    }
  for (const exception of exceptions)
    if (!used.has(exception))
      faults.push(`${exception.package}: nothing is found of ${exception.advisory}, which has an exception`);
  return faults;
}
