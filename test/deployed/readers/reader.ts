/** Reads one resource back by its physical id, and says it in the words of its template. Undefined: not told. */
export type Reader = (id: string, properties: Readonly<Record<string, unknown>>) => Promise<object>;

/** Documents come as text, percent-encoded by IAM. */
export function documentOf(text: string | null | undefined): unknown {
  if (text === null || text === undefined || text === '') return undefined;
  return JSON.parse(text.startsWith('%') ? decodeURIComponent(text) : text);
}
