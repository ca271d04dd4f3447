/** Trimmed cells of one line by RFC 4180; null where a quote stays open. `whitespace` is any run of blanks. */
export function splitCells(line: string, delimiter = ','): string[] | null {
  if (delimiter === 'whitespace') return line.trim().split(/\s+/);
  if (!line.includes('"')) return line.split(delimiter).map((cell) => cell.trim());
  const cells: string[] = [];
  let cell = '';
  let inQuotes = false;
  for (let i = 0; i < line.length; i += 1) {
    const c = line[i] as string;
    if (inQuotes && c === '"' && line[i + 1] === '"') {
      cell += '"';
      i += 1;
    } else if (c === '"') inQuotes = !inQuotes;
    else if (c === delimiter && !inQuotes) {
      cells.push(cell.trim());
      cell = '';
    } else cell += c;
  }
  return inQuotes ? null : [...cells, cell.trim()];
}
