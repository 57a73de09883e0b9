/** A value of a table; a number stays one in a spreadsheet. */
export type Cell = string | number | boolean | null;

/** How a table is written: what divides its columns, and whether it begins with a byte order mark, by which Excel knows UTF-8. */
export interface Dialect {
  readonly separator: ',' | ';';
  readonly mark: boolean;
}

/**
 * Where a spreadsheet would begin a formula: in front of a text, also behind spaces, and inside it wherever one that divides by
 * another separator begins a new cell. An apostrophe there shows what follows as text.
 */
const FORMULA = /^(?=\s*[=+\-@\t\r\n＝＋－＠])|(?<=[;,\t\r\n])(?=(?:[^\S\t\r\n]|")*[=+\-@＝＋－＠])/g;

function cellText(cell: Cell, separator: string): string {
  if (typeof cell === 'number' || typeof cell === 'boolean') return String(cell);
  const text = cell === null ? '' : cell.replace(FORMULA, "'");
  return text.includes(separator) || /["\r\n]/.test(text) || text !== text.trim() ? `"${text.replaceAll('"', '""')}"` : text;
}

/** A table as CSV (RFC 4180), its heads in the first line, safe to open in a spreadsheet. */
export const csv = (heads: readonly string[], rows: readonly (readonly Cell[])[], { separator, mark }: Dialect): string =>
  `${mark ? '\ufeff' : ''}${[heads, ...rows].map((row) => `${row.map((cell) => cellText(cell, separator)).join(separator)}\r\n`).join('')}`;
