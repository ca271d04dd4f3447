import * as z from 'zod';

/** The part of a CycloneDX 1.5 document that is looked at; the rest passes as it is. */
export const BomSchema = z.looseObject({
  bomFormat: z.literal('CycloneDX'),
  specVersion: z.literal('1.5'),
  metadata: z.looseObject({ component: z.looseObject({ 'bom-ref': z.string() }) }),
  components: z.array(
    z.looseObject({ 'bom-ref': z.string(), name: z.string(), version: z.string(), purl: z.string() }),
  ),
  dependencies: z.array(z.looseObject({ ref: z.string(), dependsOn: z.array(z.string()).optional() })),
});
export type Bom = z.infer<typeof BomSchema>;

interface Deployed {
  readonly name: string;
  readonly version: string;
  readonly functions: readonly string[];
}

/**
 * The part of a bill of materials that is deployed: components by name and version, each once, with the functions that
 * they are in, and what they depend on of each other.
 *
 * @throws Error for a package that the bill does not have: it would be deployed without being in the lockfile.
 */
export function deployedPart(bom: Bom, packages: readonly Deployed[]): Bom {
  const root = bom.metadata.component['bom-ref'];
  const components = packages.map(({ name, version, functions }) => {
    const found = bom.components.find((c) => c.name === name && c.version === version);
    if (!found) throw new Error(`${name}@${version}: bundled, and not in the lockfile`);
    const properties = [
      ...((found.properties as object[] | undefined) ?? []),
      { name: 'wattline:functions', value: functions.join(' ') },
    ];
    return { ...found, properties };
  });
  const kept = new Set([root, ...components.map((c) => c['bom-ref'])]);
  const dependencies = bom.dependencies
    .filter(({ ref }) => kept.has(ref))
    .map((each) => ({ ...each, dependsOn: (each.dependsOn ?? []).filter((ref) => kept.has(ref)) }));
  return { ...bom, components, dependencies };
}
