type Segments = readonly (string | number)[];

/**
 * The member of a table's document that a problem is about, as far as the problem's path leads:
 * ``statements[3] `id`.action[0]: …`` is about `['statements', 3, 'action', 0]`.
 */
export function segmentsOf(problem: string, document: unknown): Segments {
  const [path = ''] = problem.split(/(?<!:): /, 1);
  const segments: (string | number)[] = [];
  let rest = path.replace(/^(statements\[\d+\]) `[^`]*`/, '$1');
  let value = document;
  for (;;) {
    const step = Array.isArray(value) ? stepIntoList(rest) : stepIntoObject(rest, value);
    if (step === null) return segments;
    segments.push(step.segment);
    value = (value as Record<string | number, unknown>)[step.segment];
    rest = rest.slice(step.length);
  }
}

interface Step {
  readonly segment: string | number;
  /** Of the text that names it. */
  readonly length: number;
}

function stepIntoList(path: string): Step | null {
  const [text, bracketed, dotted] = /^\[(\d+)\]|^\.(\d+)(?=[.[]|$)/.exec(path) ?? [];
  return text === undefined ? null : { segment: Number(bracketed ?? dotted), length: text.length };
}

/** Names may hold dots and brackets: of those that fit, the longest. */
function stepIntoObject(path: string, value: unknown): Step | null {
  if (typeof value !== 'object' || value === null) return null;
  const start = path.startsWith('.') ? 1 : 0;
  const [name] = Object.keys(value)
    .filter(
      (key) => path.startsWith(key, start) && /^(?:[.[]|$)/.test(path.slice(start + key.length)),
    )
    .sort((a, b) => b.length - a.length);
  return name === undefined ? null : { segment: name, length: start + name.length };
}

/** Source: RFC 6901. */
export function pointerOf(segments: Segments): string {
  return segments
    .map((one) => `/${String(one).replaceAll('~', '~0').replaceAll('/', '~1')}`)
    .join('');
}
