import { GatewayError } from '../errors.ts';

/** What the database did not answer is a fault of the moment, told without its words. */
export async function answered<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
  try {
    return await ask();
  } catch (cause) {
    throw new GatewayError('store-unavailable', 'the database does not answer; repeat this later', {
      cause,
      headers: { 'retry-after': '1' },
    });
  }
}
