import type { Decision } from '../policy/decide.ts';
import { type EffectDiff, effectDiff } from '../policy/effect-diff.ts';
import { limitLines, print, requestLine } from './policy-lines.ts';
import { policyPlace, readTable } from './policy-source.ts';

/** Who gains and who loses what from one table’s file to another; exit 1 when anybody does. */
export function printDiff(
  before: string,
  after: string,
  options: { readonly config: string; readonly json: boolean },
): void {
  const diff = effectsOf(readTable(before), readTable(after), options.config);
  print(diff, diffLines(diff), options);
  if (diff.changes.length > 0) process.exitCode = 1;
}

/** The same for a change that is planned, of which it is no finding. */
export function printEffects(before: string, after: string, config: string): void {
  const diff = effectsOf(before, after, config);
  print(diff, ['in effect:', ...diffLines(diff).map((line) => `  ${line}`)], { json: false });
}

function effectsOf(before: string, after: string, config: string): EffectDiff {
  const { parse, surroundings } = policyPlace(config);
  return effectDiff(parse(before), parse(after), surroundings);
}

/** A difference of effects for people: who, what, and a request that is decided otherwise. */
function diffLines({ changes, limits }: EffectDiff): string[] {
  const lines = changes.flatMap((change) => [
    `${change.change === 'gains' ? '+' : '-'} ${change.tenant} ${change.change} ${change.action} (${change.operation}), ${kindsText(change.kinds)}`,
    `    for example: ${requestLine(change.witness)}`,
    `    before: ${decisionText(change.before)}; after: ${decisionText(change.after)}`,
  ]);
  if (lines.length === 0) lines.push('nobody gains or loses anything');
  return [...lines, ...limitLines(limits)];
}

function kindsText(kinds: number): string {
  return kinds === 1 ? 'one kind of request' : `${kinds} kinds of requests`;
}

function decisionText({ reason, statements }: Decision): string {
  return [reason, ...statements].join(' ');
}
