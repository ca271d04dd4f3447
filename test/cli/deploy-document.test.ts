import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };

const ROOT = join(import.meta.dirname, '../..');
const text = readFileSync(join(ROOT, 'docs/deploy.md'), 'utf8');
/** Lines of blocks of commands; a block of another language says which. */
const commands = [...text.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)]
  .filter(([, language]) => language === '')
  .flatMap(([, , block]) => (block as string).split('\n').filter((line) => line !== ''));
const infra = ['infra', 'infra/stages']
  .flatMap((folder) => readdirSync(join(ROOT, folder)).map((name) => `${folder}/${name}`))
  .filter((name) => name.endsWith('.ts'))
  .map((name) => readFileSync(join(ROOT, name), 'utf8'))
  .join('\n');

const helps = new Map<string, string>();
/** Help of a command of ours or of CDK, asked once. */
function helpOf(tool: 'wattline' | 'cdk', command: string): string {
  const key = `${tool} ${command}`;
  const main = { wattline: 'cli/wattline.js', cdk: 'node_modules/aws-cdk/bin/cdk' }[tool];
  const help =
    helps.get(key) ??
    spawnSync(process.execPath, [join(ROOT, main), command, '--help'], { encoding: 'utf8', cwd: ROOT })
      .stdout;
  helps.set(key, help);
  return help;
}
/** Options that a command line gives, without what is quoted. */
const optionsOf = (line: string): string[] =>
  [...line.replace(/"[^"]*"|'[^']*'/g, '""').matchAll(/\s(--[a-z][a-z-]*|-[a-z])(?=[\s=]|$)/g)].map(
    (match) => match[1] as string,
  );
const linesOf = (pattern: RegExp): RegExpExecArray[] =>
  commands.flatMap((line) => {
    const match = pattern.exec(line);
    return match ? [match] : [];
  });

describe('docs/deploy.md', () => {
  test('goes from bootstrap to destroy', () => {
    const steps = [
      'cdk bootstrap',
      'cdk deploy',
      'wattline smoke',
      's3 cp',
      'cdk diff',
      'cdk destroy',
      'wattline cost',
    ];
    const at = steps.map((step) => commands.findIndex((line) => line.includes(step)));
    expect(at.every((position) => position >= 0)).toBe(true);
    expect(at).toEqual(at.toSorted((a, b) => a - b));
  });

  test('begins every command with a tool that it says is needed', () => {
    for (const line of commands)
      expect(line).toMatch(/^(npm (ci|run \S+)$|npx (cdk|wattline) |aws |export |git pull$)/);
  });

  test('names npm scripts that exist, in commands and in sentences', () => {
    const scripts = [...text.matchAll(/npm run ([a-z:]+)/g)].map((match) => match[1] as string);
    expect(scripts.length).toBeGreaterThan(1);
    for (const name of scripts) expect(Object.keys(packageJson.scripts)).toContain(name);
  });

  test.each(['wattline', 'cdk'] as const)('names commands and options that %s has', (tool) => {
    const lines = linesOf(new RegExp(`^npx ${tool} ([a-z]+).*`));
    expect(lines.length).toBeGreaterThan(2);
    for (const [line, command = ''] of lines) {
      const help = helpOf(tool, command);
      expect(help, line).toContain(`${tool} ${command}`);
      const words = new Set(help.match(/-{1,2}[a-z][a-z-]*/g));
      for (const option of optionsOf(line)) expect([...words], line).toContain(option);
    }
  });

  test('names options in sentences that some command of ours has', () => {
    const prose = text.replace(/^```[\s\S]*?^```$/gm, '');
    const options = [...prose.matchAll(/`(--[a-z-]+)`/g)].map((match) => match[1] as string);
    expect(options.length).toBeGreaterThan(0);
    for (const option of options) expect(helpOf('wattline', 'smoke')).toContain(option);
  });

  test('gives context that the app reads, and stages that there are', () => {
    const context = linesOf(/-c .*/).flatMap(([all]) => [...all.matchAll(/-c ([A-Za-z]+)=(\S+)/g)]);
    expect(context.length).toBeGreaterThan(1);
    for (const [, key, value] of context) {
      expect(infra).toContain(`tryGetContext('${key}')`);
      if (key === 'stage') expect(existsSync(join(ROOT, `infra/stages/${value}.ts`))).toBe(true);
    }
  });

  test('reads outputs that the stack has, and lists every one', () => {
    const outputs = [...text.matchAll(/^\| `([A-Za-z]+)`/gm)].map((match) => match[1] as string);
    expect(outputs.length).toBeGreaterThan(4);
    const told = /this\.tell\(\{([\s\S]*?)\}\);/.exec(infra)?.[1] ?? '';
    expect([...told.matchAll(/^\s*([A-Z]\w+):/gm)].map((match) => match[1]).sort()).toEqual(outputs.sort());
    for (const [, name] of linesOf(/\.Wattline\.([A-Za-z]+)/)) expect(outputs).toContain(name);
  });

  test('uses no variable before it is set', () => {
    const known = new Set<string>();
    for (const line of commands) {
      for (const [, name] of line.matchAll(/\$([A-Z_]+)/g)) expect(known, line).toContain(name);
      const [, set] = /^export ([A-Z_]+)=/.exec(line) ?? [];
      if (set) known.add(set);
    }
    expect(known.size).toBeGreaterThan(3);
  });

  test('links to files that exist, and names none that does not', () => {
    const links = [...text.matchAll(/\]\(([^)#:]+)\)/g)].map((match) =>
      join(ROOT, 'docs', match[1] as string),
    );
    const named = [...text.matchAll(/`((?:infra|data|docs|cli|functions)\/[\w./-]+)`/g)].map((match) =>
      join(ROOT, match[1] as string),
    );
    expect(links.length).toBeGreaterThan(5);
    for (const path of [...links, ...named]) expect(existsSync(path), path).toBe(true);
  });

  test('gives JSON that is JSON', () => {
    const quoted = linesOf(/--lifecycle-configuration '([^']+)'/).map((match) => match[1] as string);
    expect(quoted).toHaveLength(1);
    for (const json of quoted) expect(JSON.parse(json)).toHaveProperty('Rules');
  });
});
