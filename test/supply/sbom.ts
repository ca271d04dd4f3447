import { randomUUID } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { bundledPackages } from './bundled.ts';
import { type Bom, BomSchema, deployedPart } from './cyclonedx.ts';
import { npm } from './npm.ts';

const HELP = `npm run sbom -- [options]

Writes two bills of materials in CycloneDX 1.5: deployed.cdx.json, of what is bundled into the functions, and
lockfile.cdx.json, of everything that is installed to build and test.

  --out FOLDER   where to (out/sbom)
  --help         this text
`;
const { values } = parseArgs({
  options: { out: { type: 'string', default: 'out/sbom' }, help: { type: 'boolean', default: false } },
});
const say = (text: string): void => {
  process.stdout.write(`${text}\n`);
};
if (values.help) {
  say(HELP);
  process.exit(0);
}

/** Of the lockfile alone: what other machines install is in it as well. */
function lockfileBom(): Bom {
  const { stdout, stderr } = npm(['sbom', '--sbom-format', 'cyclonedx', '--package-lock-only']);
  try {
    return BomSchema.parse(JSON.parse(stdout));
  } catch (cause) {
    throw new Error(`npm sbom: expected CycloneDX 1.5 on its standard output (${stderr.trim()})`, { cause });
  }
}

const whole = lockfileBom();
const deployed = {
  ...deployedPart(whole, await bundledPackages()),
  serialNumber: `urn:uuid:${randomUUID()}`,
};
mkdirSync(values.out, { recursive: true });
for (const [name, bom] of [
  ['deployed', deployed],
  ['lockfile', whole],
] as const) {
  const path = join(values.out, `${name}.cdx.json`);
  writeFileSync(path, `${JSON.stringify(bom, null, 2)}\n`);
  say(`${path}: ${bom.components.length} components`);
}
