const ABSENT = '–';

/** A count, or a dash when there is none. */
export function whole(value: number): string {
  return Number.isNaN(value) ? ABSENT : Math.round(value).toLocaleString('en');
}

/** With two digits behind the point, or a dash when there is none. */
export function decimal(value: number): string {
  return Number.isNaN(value) ? ABSENT : value.toFixed(2);
}

export function range(values: readonly number[]): string {
  if (values.length === 0) return ABSENT;
  return `${whole(Math.min(...values))} to ${whole(Math.max(...values))}`;
}

/** A table that is aligned for a terminal too; the first column is text, all others are figures. */
export function markdownTable(
  head: readonly string[],
  rows: readonly (readonly string[])[],
): string {
  const widths = head.map((title, column) =>
    Math.max(title.length, 2, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[]) => {
    const padded = cells.map((cell, column) => {
      const width = widths[column] ?? 0;
      return column === 0 ? cell.padEnd(width) : cell.padStart(width);
    });
    return `| ${padded.join(' | ')} |`;
  };
  const rule = widths.map((width, column) =>
    column === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`,
  );
  return [line(head), line(rule), ...rows.map(line)].join('\n');
}
