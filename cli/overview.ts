import type { Command } from 'commander';
import { GROUPS, notesOf } from './help.ts';

const HEAD = `Wattline decides from telemetry whether an in-house AI training chip is good
enough beside GPUs: scale up, hold or stop, and how sure that is.

  collect ──► push or evaluate ──► decide ──► report

Begin with:
  wattline demo                 the whole way on a simulated pilot, in a minute
  wattline init our-pilot       your own program: gates, run.json, collector
  wattline evaluate <folder>    score a run, or MLPerf results as published
  wattline watch our-pilot      keep reports current as files arrive
`;

const FOOT = `wattline <command> --help   what a command does, with an example
wattline --help             all commands; docs/cli.md has their options too
wattline completion --help  completion for bash, zsh and fish
`;

/** What `wattline` alone prints: what it is for, the path of work, and where to go on. */
export function overview(program: Command): string {
  const widest = Math.max(...GROUPS.map((g) => g.length));
  const lines = GROUPS.map((group) => {
    const names = program.commands.filter((c) => notesOf(c)?.group === group).map((c) => c.name());
    return `  ${group.padEnd(widest)}  ${names.join('  ')}`;
  });
  return `${HEAD}\nCommands:\n${lines.join('\n')}\n\n${FOOT}`;
}
