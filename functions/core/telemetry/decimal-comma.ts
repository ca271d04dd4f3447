/** `270,15` and `1.270,15`, but not `1.270`, which is either. */
const WITH_COMMA = /^[+-]?(?:\d+|\d{1,3}(?:\.\d{3})+),\d+(?:[eE][+-]?\d+)?/;
const WITH_POINT = /^[+-]?\d+\.\d+(?:[eE][+-]?\d+)?$/;

export const hasDecimalComma = (text: string): boolean => WITH_COMMA.test(text);
export const hasDecimalPoint = (text: string): boolean => WITH_POINT.test(text);

/**
 * A cell of a file whose numbers have a decimal comma, as others write it. A number with a point stays no number
 * (`1.270` could be 1270), so that its row is refused and nothing is read a thousand times too small.
 */
export function withDecimalPoint(text: string): string {
  const number = WITH_COMMA.exec(text)?.[0];
  if (number !== undefined) return number.replaceAll('.', '').replace(',', '.') + text.slice(number.length);
  return WITH_POINT.test(text) ? `${text} (a point in a file of decimal commas)` : text;
}
