import { LoadGenerator, type LoadOrder, type LoadResult } from '../load.ts';
import { answerParent } from './answer-parent.ts';

const generator = new LoadGenerator();

answerParent<LoadOrder, LoadResult>((order) => generator.run(order));
