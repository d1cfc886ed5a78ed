/** Writes a moment as `toISOString` does, and throws as it does. */
export type IsoText = (at: Date) => string;

/** What stands behind the seconds' point. */
const ENDINGS = Array.from({ length: 1000 }, (_, ms) => `${String(ms).padStart(3, '0')}Z`);
const ENDING_LENGTH = 4;

/**
 * Make a writer of moments that remembers the last second, in which most moments of a busy gateway lie: to
 * count the date anew takes longer than to write the rest of a closing.
 */
export function createIsoText(): IsoText {
  let lastSecond = Number.NaN;
  let upToSecond = '';
  return (at) => {
    const ms = at.getTime();
    const second = Math.floor(ms / 1000);
    if (second !== lastSecond) {
      upToSecond = at.toISOString().slice(0, -ENDING_LENGTH);
      lastSecond = second;
    }
    return `${upToSecond}${ENDINGS[ms - second * 1000]}`;
  };
}
