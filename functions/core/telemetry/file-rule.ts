import type { FileRule, RunManifest } from './manifest.ts';

/** Stand-ins in a pattern, and what each matches: a name within a folder. */
const CAPTURES = ['node', 'time'] as const;

/**
 * Glob over a path: `*` within a folder, `**` across folders, `?` one character, `{node}` and `{time}` a part of a
 * name that tells them. Linear in practice: no nesting.
 */
function match(pattern: string, path: string): Partial<Record<(typeof CAPTURES)[number], string>> | null {
  const source = pattern.replace(/\{(?:node|time)\}|\*\*\/?|[*?]|[.+^${}()|[\]\\]/g, (token) => {
    if (token === '**/') return '(?:[^/]+/)*';
    if (token === '**') return '.*';
    if (token === '*') return '[^/]*';
    if (token === '?') return '[^/]';
    if (token === '{node}') return '(?<node>[^/]+)';
    if (token === '{time}') return '(?<time>[^/]+)';
    return `\\${token}`;
  });
  const found = new RegExp(`^${source}$`, 'u').exec(path);
  return found && { ...found.groups };
}

/** What the manifest says of one file: every rule whose pattern matches, later ones winning field by field. */
export function ruleFor(manifest: Pick<RunManifest, 'files'>, path: string): Omit<FileRule, 'pattern'> {
  let rule: Omit<FileRule, 'pattern'> = {};
  for (const { pattern, ...stated } of manifest.files) {
    const captured = match(pattern, path);
    if (!captured) continue;
    const { node, time } = captured;
    rule = { ...rule, ...(node ? { node } : {}), ...(time ? { startTime: time } : {}), ...stated };
  }
  return rule;
}
