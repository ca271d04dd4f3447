/** Markup that is safe to put into a page as it is. */
export interface Html {
  readonly markup: string;
}

const ENTITIES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Characters that turn the direction of the text around them, or that no text has; not tabs and ends of lines. */
const UNSEEN = /(?![\t\r\n])[\p{Cc}\p{Bidi_Control}]/gu;
const named = (c: string): string =>
  `\u27e8U+${(c.codePointAt(0) as number).toString(16).toUpperCase().padStart(4, '0')}\u27e9`;

/** Text as markup that shows it as it is; what cannot be seen is named, such as ⟨U+202E⟩. */
export const escapeHtml = (text: string): string =>
  text.replace(UNSEEN, named).replace(/[&<>"']/g, (c) => ENTITIES[c] as string);

type Part = Html | string | number | null | readonly Part[];

function render(part: Part): string {
  if (part === null) return '';
  if (typeof part === 'string') return escapeHtml(part);
  if (typeof part === 'number') return String(part);
  return 'markup' in part ? part.markup : part.map(render).join('');
}

/** Template tag: every value is escaped, unless it is markup made by this tag. Names in telemetry are hostile. */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Html {
  return { markup: strings.reduce((text, s, i) => text + render(parts[i - 1] ?? null) + s) };
}

export interface TableColumn<T> {
  readonly head: string;
  readonly cell: (row: T) => Part;
  readonly isNumber?: boolean;
}
