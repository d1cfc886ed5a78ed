import { type ActionPattern, parseActionPattern } from './action.ts';
import { type Condition, compileCondition } from './condition.ts';
import { listEntries, type Report } from './report.ts';
import { parseScope, type ResourceScope } from './resource.ts';
import { type Principal, parsePrincipal, type WrittenCondition } from './statement.ts';

/** A condition, compiled, and as it was written. */
export interface ConditionPart {
  readonly test: Condition;
  readonly written: WrittenCondition;
}

/**
 * Parts that many statements of a table write alike, compiled once: what is written alike is one
 * value, by which statements are told apart quickly.
 */
export interface SharedParts {
  /** @param report as compileCondition */
  readonly actions: (texts: string | readonly string[], report: Report) => readonly ActionPattern[];
  /** @param report as compileCondition */
  readonly condition: (condition: unknown, report: Report) => ConditionPart;
  readonly scope: typeof parseScope;
  /** @param text in its right form */
  readonly principal: (text: string) => Principal;
}

/** Make the parts of one table. */
export function createSharedParts(): SharedParts {
  return {
    actions: once(compileActions),
    condition: once(compilePart),
    scope: remembered<ResourceScope | string>(parseScope),
    principal: remembered(parsePrincipal),
  };
}

function compilePart(condition: unknown, report: Report): ConditionPart {
  // What compiles without a fault has this shape, and nothing else is used.
  return { test: compileCondition(condition, report), written: condition as WrittenCondition };
}

function compileActions(texts: string | readonly string[], report: Report): ActionPattern[] {
  return listEntries(texts).flatMap(([path, text]) => {
    const parsed = parseActionPattern(String(text));
    if (typeof parsed !== 'string') return [parsed];
    report(path, `\`${text}\`: ${parsed}`);
    return [];
  });
}

/** What has a fault is compiled again each time, to be reported at each of its places. */
function once<Written, Part>(
  compile: (written: Written, report: Report) => Part,
): (written: Written, report: Report) => Part {
  const ofTexts = new Map<string, Part>();
  const ofOthers = new Map<string, Part>();
  return (written, report) => {
    const isText = typeof written === 'string';
    const parts = isText ? ofTexts : ofOthers;
    const text = isText ? written : (JSON.stringify(written) ?? '');
    const known = parts.get(text);
    if (known !== undefined) return known;
    let hasFault = false;
    const part = compile(written, (path, fault) => {
      hasFault = true;
      report(path, fault);
    });
    if (!hasFault) parts.set(text, part);
    return part;
  };
}

function remembered<Part>(parse: (text: string) => Part): (text: string) => Part {
  const parts = new Map<string, Part>();
  return (text) => {
    const known = parts.get(text);
    if (known !== undefined) return known;
    const part = parse(text);
    parts.set(text, part);
    return part;
  };
}
