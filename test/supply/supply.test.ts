import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import manifest from '../../package.json' with { type: 'json' };
import lock from '../../package-lock.json' with { type: 'json' };
import exceptions from './audit-exceptions.json' with { type: 'json' };
import { auditFaults, ExceptionsSchema } from './audit-findings.ts';
import { bundledPackages, functionNames, ROOT } from './bundled.ts';
import { type Bom, deployedPart } from './cyclonedx.ts';
import { isAllowed, licenceFaults, licencePage } from './licence-list.ts';

interface Locked {
  readonly version?: string;
  readonly integrity?: string;
  readonly inBundle?: boolean;
  readonly hasInstallScript?: boolean;
  readonly link?: boolean;
  readonly resolved?: string;
}

const EXACT = /^\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?$/;
const locked = Object.entries(lock.packages as Record<string, Locked>).filter(([path]) => path !== '');
const nameOf = (path: string): string =>
  path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
const packages = await bundledPackages();

describe('what is installed', () => {
  test('package.json names exact versions, which the lockfile has', () => {
    const { dependencies, devDependencies, optionalDependencies } = manifest;
    const named = Object.entries({ ...dependencies, ...devDependencies, ...optionalDependencies });
    expect(named.length).toBeGreaterThan(20);
    expect(named.filter(([, version]) => !EXACT.test(version))).toEqual([]);
    const versions = new Map(locked.map(([path, { version }]) => [path, version]));
    for (const [name, version] of named) expect(versions.get(`node_modules/${name}`), name).toBe(version);
  });

  test('the lockfile has the hash of every package, or of the one that it comes in', () => {
    const without = locked.filter(
      ([, { integrity, inBundle }]) => !inBundle && !/^sha512-/.test(integrity ?? ''),
    );
    expect(without.map(([path]) => path)).toEqual([]);
    for (const [path] of locked.filter(([, { inBundle }]) => inBundle)) {
      const outer = path.slice(0, path.lastIndexOf('/node_modules/'));
      expect(
        locked.some(([p]) => p === outer),
        path,
      ).toBe(true);
    }
  });

  test('nothing comes from anywhere but the registry', () => {
    const elsewhere = locked.filter(
      ([, { link, resolved }]) =>
        link || (resolved !== undefined && !resolved.startsWith('https://registry.npmjs.org/')),
    );
    expect(elsewhere.map(([path]) => path)).toEqual([]);
  });

  test('every install script is listed in package.json, and none may run', () => {
    const scripted = locked
      .filter(([, { hasInstallScript }]) => hasInstallScript)
      .map(([path, { version }]) => `${nameOf(path)}@${version}`);
    expect(Object.keys(manifest.allowScripts).sort()).toEqual(scripted.sort());
    expect(Object.values(manifest.allowScripts)).toEqual(scripted.map(() => false));
  });
});

describe('what is deployed', () => {
  test('every function is looked at, and every package is in the lockfile', () => {
    expect([...new Set(packages.flatMap((p) => p.functions))].sort()).toEqual(functionNames());
    const versions = new Map(locked.map(([path, { version }]) => [path, version]));
    for (const { folder, version, name } of packages) expect(versions.get(folder), name).toBe(version);
  });

  test('only packages whose licences ask for no more than their text', () => {
    expect(licenceFaults(packages)).toEqual([]);
  });

  test('docs/licences.md is what is deployed: npm run licences', () => {
    expect(readFileSync(join(ROOT, 'docs/licences.md'), 'utf8')).toBe(licencePage(packages));
  });
});

describe('the rule of licences', () => {
  test.each([
    ['MIT', true],
    ['MIT OR GPL-3.0-or-later', true],
    ['(MIT OR GPL-3.0-or-later)', true],
    ['Apache-2.0 AND BSL-1.0', true],
    ['MIT AND GPL-3.0-only', false],
    ['(MIT AND (GPL-2.0-only OR 0BSD))', true],
    ['GPL-3.0-only', false],
    ['MPL-2.0', false],
    ['Apache-2.0 WITH LLVM-exception', false],
    ['SEE LICENSE IN LICENSE', false],
    ['UNLICENSED', false],
    ['(MIT', false],
    ['', false],
  ])('%j: %s', (expression, expected) => {
    expect(isAllowed(expression)).toBe(expected);
  });

  test('a fault names the package', () => {
    const faults = licenceFaults([
      { name: 'good', version: '1.0.0', licence: 'MIT' },
      { name: 'bad', version: '2.0.0', licence: 'AGPL-3.0-only' },
      { name: 'silent', version: '3.0.0', licence: null },
    ]);
    expect(faults.map((f) => f.replace(/; expected.*$/, ''))).toEqual([
      'bad@2.0.0: licence AGPL-3.0-only',
      'silent@3.0.0: licence not named',
    ]);
  });
});

describe('the audit', () => {
  const finding = (advisory: string) => ({
    auditReportVersion: 2 as const,
    vulnerabilities: {
      left: {
        severity: 'high',
        via: [{ url: `https://github.com/advisories/${advisory}`, title: 'It pads' }],
      },
      above: { severity: 'high', via: ['left'] },
    },
  });
  const known = {
    advisory: 'GHSA-aaaa-bbbb-cccc',
    package: 'left',
    reason: 'only the build runs it, on our own input',
    expires: '2026-06-30',
  };

  test('a finding that nothing explains is a fault, once', () => {
    expect(auditFaults(finding('GHSA-aaaa-bbbb-cccc'), [], '2026-01-01')).toEqual([
      'left: high: It pads (https://github.com/advisories/GHSA-aaaa-bbbb-cccc)',
    ]);
  });

  test('one that is explained is none, until the explanation ends', () => {
    const of = (today: string): string[] => auditFaults(finding('GHSA-aaaa-bbbb-cccc'), [known], today);
    expect(of('2026-06-30')).toEqual([]);
    expect(of('2026-07-01')).toEqual(['left: the exception for GHSA-aaaa-bbbb-cccc ended on 2026-06-30']);
  });

  test('an explanation of nothing is a fault', () => {
    const audit = { auditReportVersion: 2 as const, vulnerabilities: {} };
    expect(auditFaults(audit, [known], '2026-01-01')).toEqual([
      'left: nothing is found of GHSA-aaaa-bbbb-cccc, which has an exception',
    ]);
  });

  test('the explanations of the repository are well formed', () => {
    expect(ExceptionsSchema.safeParse(exceptions).success).toBe(true);
  });
});

describe('the bill of materials', () => {
  const component = (name: string) => ({
    'bom-ref': `${name}@1.0.0`,
    name,
    version: '1.0.0',
    purl: `pkg:npm/${name}@1.0.0`,
  });
  const bom: Bom = {
    bomFormat: 'CycloneDX',
    specVersion: '1.5',
    metadata: { component: { 'bom-ref': 'root' } },
    components: ['a', 'b', 'build-only'].map(component),
    dependencies: [
      { ref: 'root', dependsOn: ['a@1.0.0', 'build-only@1.0.0'] },
      { ref: 'a@1.0.0', dependsOn: ['b@1.0.0'] },
      { ref: 'b@1.0.0' },
      { ref: 'build-only@1.0.0' },
    ],
  };

  test('keeps what is deployed, with what it depends on of that', () => {
    const part = deployedPart(bom, [
      { name: 'a', version: '1.0.0', functions: ['decide', 'ingest'] },
      { name: 'b', version: '1.0.0', functions: ['ingest'] },
    ]);
    expect(part.components.map((c) => c.name)).toEqual(['a', 'b']);
    expect(part.components[0]?.properties).toEqual([{ name: 'wattline:functions', value: 'decide ingest' }]);
    expect(part.dependencies).toEqual([
      { ref: 'root', dependsOn: ['a@1.0.0'] },
      { ref: 'a@1.0.0', dependsOn: ['b@1.0.0'] },
      { ref: 'b@1.0.0', dependsOn: [] },
    ]);
  });

  test('a package that is deployed and not locked is an error', () => {
    const stray = [{ name: 'stray', version: '9.9.9', functions: ['ingest'] }];
    expect(() => deployedPart(bom, stray)).toThrow('stray@9.9.9: bundled, and not in the lockfile');
  });
});
