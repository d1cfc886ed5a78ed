/** Take down what is wrong at a path. */
export type Report = (path: string, fault: string) => void;

/** Report what stands below a path: `under(report, 'policy')('version', …)` is at `policy.version`. */
export function under(report: Report, prefix: string): Report {
  return (path, fault) => {
    const joint = prefix === '' || path === '' || path.startsWith('[') ? '' : '.';
    report(`${prefix}${joint}${path}`, fault);
  };
}

/** A value or a list of them as entries with their paths: an item of a list carries its index. */
export function listEntries(value: unknown, path = ''): [path: string, item: unknown][] {
  if (!Array.isArray(value)) return [[path, value]];
  return value.map((item, index) => [`${path}[${index}]`, item]);
}

export function quoted(texts: Iterable<string>): string {
  return Array.from(texts, (text) => `\`${text}\``).join(', ');
}
