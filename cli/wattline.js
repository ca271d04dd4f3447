#!/usr/bin/env node
// Starts the command line under Node 24, which reads TypeScript as it is: this Node where it is new enough, else
// the one that `npm ci` brought along.
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const main = join(dirname(fileURLToPath(import.meta.url)), 'main.ts');

function bundledNode() {
  const name = `node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`;
  try {
    const require = createRequire(import.meta.url);
    const manifest = require.resolve(`${name}/package.json`);
    return join(dirname(manifest), require(manifest).bin.node);
  } catch {
    return null;
  }
}

const isNewEnough = Number(process.versions.node.split('.')[0]) >= 24;
const node = isNewEnough ? process.execPath : bundledNode();
if (node === null) {
  console.error(
    `wattline: needs Node 24 or newer; this is ${process.version}, and none was installed with it. Run npm ci, or install Node 24.`,
  );
  process.exit(2);
}
// Telemetry is read in typed arrays: room for many young objects would only take memory.
const flags = ['--max-semi-space-size=2'];
// A terminal sends Ctrl-C to both; the command ends its work, and this waits for it.
process.on('SIGINT', () => {});
const { status, signal } = spawnSync(node, [...flags, main, ...process.argv.slice(2)], { stdio: 'inherit' });
if (signal) process.kill(process.pid, signal);
process.exit(status ?? 1);
