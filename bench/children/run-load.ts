import { LoadGenerator, type LoadOrder, type LoadResult } from '../load.ts';
import { answerParent } from './answer-parent.ts';

/** Requests are many: they are told once, with the first order for a port. */
export type LoadQuestion = Omit<LoadOrder, 'requests'> & Partial<Pick<LoadOrder, 'requests'>>;

const generator = new LoadGenerator();
const known = new Map<number, readonly string[]>();

answerParent<LoadQuestion, LoadResult>((question) => {
  const requests = question.requests ?? known.get(question.port);
  if (requests === undefined) throw new Error('the first order for a port has its requests');
  known.set(question.port, requests);
  return generator.run({ ...question, requests });
});
