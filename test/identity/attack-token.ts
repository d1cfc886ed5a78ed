export interface AttackToken {
  readonly name: string;
  readonly token: string;
  /** The codes that may answer it. */
  readonly codes: readonly string[];
}

/** A case’s name: printable and short, whatever the value is. */
export function named(label: string, value: unknown): string {
  const text = value === undefined ? 'absent' : JSON.stringify(value);
  const escaped = text.replace(/[^ -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16)}`);
  return `${label} ${escaped.slice(0, 60)}`;
}
