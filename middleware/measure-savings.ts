import { measureSavings as measure, type ObjectQuestion } from '../src/savings/measure.ts';
import { isPicture } from '../src/savings/picture.ts';
import type { Services } from '../src/services.ts';
import { interpretDownload } from '../src/upstream/interpret-download.ts';
import { createObjectRequest } from '../src/upstream/object-request.ts';
import { wireRequestOf } from '../src/upstream/wire-request.ts';
import { answerJson } from './reply.ts';
import { type GatewayContext, type GatewayStep, stepResult } from './state.ts';
import { toldState } from './told-state.ts';

const NOTE =
  'each object was downloaded as it is served now: billed as traffic, and where it was compressed ' +
  'as image processing; nothing was stored';

/** The bucket's state, then each object as it is served in that state, counted and dropped. */
export function measureSavings(services: Services): GatewayStep {
  const { upstream, savings } = services;
  return async function measureSavings(ctx) {
    const endsAt = performance.now() + savings.timeoutMs;
    const answer = await upstream.call(
      stepResult(ctx.state, 'signedRequest'),
      Math.min(upstream.timeoutMs, savings.timeoutMs),
    );
    ctx.state.answer = answer;
    const { state } = toldState(answer, services);
    const measured = await measure(stepResult(ctx.state, 'objectKeys'), {
      state,
      atATime: savings.objectsAtATime,
      ask: asking(ctx, services, endsAt),
    });
    answerJson(ctx, { ...state, ...measured, note: NOTE });
  };
}

/** Downloads in one question’s time; a caller that goes away ends them, because they are billed. */
function asking({ state, res }: GatewayContext, services: Services, endsAt: number) {
  const { subAccounts, signRequest, upstream, lines, downloads, savings } = services;
  const subAccount = stepResult(state, 'subAccount');
  const host = stepResult(state, 'operation').target.objectHost;
  const gone = new AbortController();
  res.once('close', () => gone.abort());

  return async function ask(question: ObjectQuestion) {
    const leave = await placeIn(lines.downloads, endsAt);
    if (leave === null) return 'overloaded';
    try {
      const deadlineMs = endsAt - performance.now();
      if (deadlineMs <= 0 || gone.signal.aborted || res.closed) return 'timeout';
      const request = createObjectRequest({ ...question, host });
      // Of the moment: keys may be renewed while objects are measured.
      const credentials = subAccounts.credentialsOf(subAccount);
      const signed = signRequest(request, credentials, upstream.timeFor(host));
      const result = await downloads.count(wireRequestOf(signed), {
        deadlineMs,
        maxBytes: savings.objectBytes,
        accepts: isPicture,
        signal: gone.signal,
      });
      return interpretDownload(result);
    } finally {
      leave();
    }
  };
}

/** @returns null when too many wait, or the wait goes beyond the question’s time */
async function placeIn(
  downloads: Services['lines']['downloads'],
  endsAt: number,
): Promise<(() => void) | null> {
  let timer: NodeJS.Timeout | undefined;
  try {
    const { turn, giveUp, leave } = downloads.enter('all');
    if (turn !== null) timer = setTimeout(giveUp, endsAt - performance.now());
    await turn;
    return leave;
  } catch {
    return null;
  } finally {
    clearTimeout(timer);
  }
}
