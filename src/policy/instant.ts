/** Up to milliseconds, always in UTC. */
const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,3})?Z$/;

export const INSTANT_FORM = 'must be a time in UTC like `2030-01-01T00:00:00Z`';

/**
 * Parse a point in time. Source: CAM documentation, "Condition keys", `qcs:current_time`: ISO 8601
 * in UTC. A date alone is refused: it would leave open which end of the day is meant.
 * @returns Unix milliseconds; null for another form and for a date that does not exist
 */
export function parseInstant(text: string): number | null {
  const milliseconds = INSTANT.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(milliseconds)) return null;
  // The 30th of February would be taken for the 2nd of March, and 24:00 for the next day.
  return new Date(milliseconds).toISOString().slice(0, 19) === text.slice(0, 19)
    ? milliseconds
    : null;
}
