import type { FileRule, RunManifest } from './manifest.ts';

/** Glob over a path: `*` within a folder, `**` across folders, `?` one character. Linear in practice: no nesting. */
function matches(pattern: string, path: string): boolean {
  const source = pattern.replace(/\*\*\/?|[*?]|[.+^${}()|[\]\\]/g, (token) => {
    if (token === '**/') return '(?:[^/]+/)*';
    if (token === '**') return '.*';
    if (token === '*') return '[^/]*';
    if (token === '?') return '[^/]';
    return `\\${token}`;
  });
  return new RegExp(`^${source}$`, 'u').test(path);
}

/** What the manifest says of one file: every rule whose pattern matches, later ones winning field by field. */
export function ruleFor(manifest: Pick<RunManifest, 'files'>, path: string): Omit<FileRule, 'pattern'> {
  let rule: Omit<FileRule, 'pattern'> = {};
  for (const { pattern, ...stated } of manifest.files) {
    if (matches(pattern, path)) rule = { ...rule, ...stated };
  }
  return rule;
}
