import { constantFor, gone, meanLikeness, minLikeness, totalBytes } from './compare.ts';
import type { Measurement, Way } from './measure.ts';

const kilobytes = (bytes: number) => (bytes / 1000).toFixed(1);
const percent = (share: number) => `${(100 * share).toFixed(0)} %`;
const decibels = (psnr: number) => (Number.isFinite(psnr) ? psnr.toFixed(1) : 'exact');

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const rule = head.map((_, column) => (column === 0 ? '---' : '---:'));
  return [line(head), line(rule), ...rows.map(line)].join('\n');
}

/** One row for each picture. */
export function pictureTable({ engine }: Measurement): string {
  const rows = engine
    .flatMap(({ outcomes }) => outcomes)
    .map(({ picture, before, bytes, likeness, psnr, ms }) => [
      `${picture.group}: ${picture.name}`,
      kilobytes(before),
      kilobytes(bytes),
      percent(1 - bytes / before),
      likeness.toFixed(4),
      decibels(psnr),
      ms.toFixed(0),
    ]);
  return table(['', 'kB before', 'kB after', 'gone', 'likeness', 'PSNR dB', 'ms'], rows);
}

/** The engine beside what one would write first. */
export function wayTable({ engine, defaults }: Measurement): string {
  const rows = engine.flatMap((own) =>
    [own, ...defaults.filter(({ family }) => family === own.family)].map((way) => [
      `${way.family}: ${way.name}`,
      kilobytes(totalBytes(way)),
      percent(gone(way)),
      meanLikeness(way).toFixed(4),
      minLikeness(way).toFixed(4),
    ]),
  );
  return table(['', 'kB', 'gone', 'likeness, mean', 'lowest'], rows);
}

/** The engine beside the best constant of each encoder that is as good. */
export function constantTable(measurement: Measurement): string {
  const rows = measurement.constants.flatMap((encoder) => {
    const own = measurement.engine.find(({ family }) => family === encoder[0]?.family);
    if (own === undefined) return [];
    return (['mean', 'lowest'] as const).map((kind) =>
      constantRow(own, kind, constantFor(own, encoder, kind)),
    );
  });
  return table(['equal', 'kB of this engine', 'constant', 'its kB', 'saved against it'], rows);
}

function constantRow(own: Way, kind: string, found: Way | null): string[] {
  const start = [`${own.family}, ${kind} likeness`, kilobytes(totalBytes(own))];
  if (found === null) return [...start, 'none reaches it', '', ''];
  const saved = percent(1 - totalBytes(own) / totalBytes(found));
  return [...start, found.name, kilobytes(totalBytes(found)), saved];
}

/** By how much each group shrank. */
export function groupTable({ engine }: Measurement): string {
  const groups = Map.groupBy(
    engine.flatMap(({ outcomes }) => outcomes),
    ({ picture }) => picture.group,
  );
  const rows = [...groups].map(([group, outcomes]) => {
    const before = outcomes.reduce((sum, outcome) => sum + outcome.before, 0);
    const after = outcomes.reduce((sum, outcome) => sum + outcome.bytes, 0);
    return [group, kilobytes(before), kilobytes(after), percent(1 - after / before)];
  });
  return table(['group', 'kB before', 'kB after', 'gone'], rows);
}
