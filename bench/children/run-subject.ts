import type { RunningSubject } from '../subjects/subject.ts';
import { SUBJECTS, type SubjectName } from '../subjects/subjects.ts';
import { answerParent } from './answer-parent.ts';

export type SubjectQuestion =
  | { readonly kind: 'start'; readonly subject: SubjectName; readonly upstreamPort: number }
  | { readonly kind: 'usage' };

export interface SubjectAnswer {
  readonly port: number;
  /** Of this whole process since its start: user and system time in µs. */
  readonly cpuUs: number;
}

let running: RunningSubject | null = null;

answerParent<SubjectQuestion, SubjectAnswer>(
  async (question) => {
    if (question.kind === 'start') {
      const start = await SUBJECTS[question.subject]();
      running = await start(question.upstreamPort);
    }
    const { user, system } = process.cpuUsage();
    return { port: running?.port ?? 0, cpuUs: user + system };
  },
  async () => running?.close(),
);
