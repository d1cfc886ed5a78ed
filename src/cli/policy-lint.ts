import { ConfigurationError } from '../errors.ts';
import type { Severity } from '../policy/findings.ts';
import { lint } from '../policy/lint.ts';
import { print } from './policy-lines.ts';
import { policySource, rowLines, type SourceOptions } from './policy-source.ts';

interface PlacedFinding {
  readonly code: string;
  readonly severity: Severity;
  readonly statement: string | null;
  readonly tenant: string | null;
  readonly line: number | null;
  readonly problem: string;
  readonly remedy: string | null;
}

/** Everything that is odd about a table; exit 1 when one finding is an error. */
export async function printLint(
  options: SourceOptions & { readonly json: boolean },
): Promise<void> {
  const { name, text, parse, surroundings } = await policySource(options);
  const findings = findingsOf(text, () => lint(parse(text), surroundings));
  const lines = findings.map(({ severity, code, line, statement, tenant, problem, remedy }) => {
    const place = line === null ? name : `${name}:${line}`;
    const subject = statement ?? tenant;
    const about = subject === null ? '' : `\`${subject}\`: `;
    return `${place}: ${severity} ${code}: ${about}${problem}${remedy === null ? '' : `; ${remedy}`}`;
  });
  print(findings, [...lines, summaryOf(findings)], options);
  if (findings.some(({ severity }) => severity === 'error')) process.exitCode = 1;
}

/** A table that is refused has its problems for findings. */
function findingsOf(text: string, find: () => ReturnType<typeof lint>): PlacedFinding[] {
  try {
    const lines = rowLines(text);
    return find().map((finding) => ({
      ...finding,
      line: lines.get(finding.statement?.split('/')[0] ?? '') ?? null,
    }));
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    return error.problems.map((problem) => ({
      code: 'refused',
      severity: 'error',
      statement: null,
      tenant: null,
      line: null,
      problem,
      remedy: null,
    }));
  }
}

function summaryOf(findings: readonly PlacedFinding[]): string {
  const count = (wanted: Severity) => findings.filter(({ severity }) => severity === wanted).length;
  return `${count('error')} errors, ${count('warning')} warnings, ${count('note')} notes`;
}
