import type { GatewaySetting } from '../gateway-setting.ts';
import type { RunningSubject } from '../subjects/subject.ts';
import { SUBJECTS, type SubjectName } from '../subjects/subjects.ts';
import { answerParent } from './answer-parent.ts';

export type SubjectQuestion =
  | {
      readonly kind: 'start';
      readonly subject: SubjectName;
      readonly upstreamPort: number;
      readonly setting: GatewaySetting;
    }
  | { readonly kind: 'usage' };

export interface SubjectAnswer {
  readonly port: number;
  /** How long it took to get ready; 0 where that is not asked for. */
  readonly readyMs: number;
  /** Of the whole process since its start: user and system time in µs. */
  readonly cpuUs: number;
}

let running: RunningSubject | null = null;

answerParent<SubjectQuestion, SubjectAnswer>(
  async (question) => {
    if (question.kind === 'start') {
      const start = await SUBJECTS[question.subject]();
      running = await start(question.upstreamPort, question.setting);
    }
    // What is done behind the answers is paid for by the requests, too.
    await running?.settled?.();
    const { port = 0, readyMs = 0, cpuUs = ownCpuUs } = running ?? {};
    return { port, readyMs, cpuUs: cpuUs() };
  },
  async () => running?.close(),
);

function ownCpuUs(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}
