import { mkdirSync, writeFileSync } from 'node:fs';
import { Session } from 'node:inspector/promises';
import { dirname } from 'node:path';
import { answerParent } from '../children/answer-parent.ts';
import type { GatewaySetting } from '../gateway-setting.ts';
import { startSlimgate } from '../subjects/slimgate.ts';
import type { RunningSubject } from '../subjects/subject.ts';

export type ProfiledQuestion =
  | { readonly kind: 'start'; readonly upstreamPort: number; readonly setting: GatewaySetting }
  | { readonly kind: 'begin' }
  /** The profile goes to a file: it is too large for the channel. */
  | { readonly kind: 'end'; readonly file: string };

const SAMPLING_US = 200;

const session = new Session();
let running: RunningSubject | null = null;

answerParent<ProfiledQuestion, { readonly port: number }>(
  async (question) => {
    switch (question.kind) {
      case 'start':
        running = await startSlimgate(question.upstreamPort, question.setting);
        break;
      case 'begin':
        session.connect();
        await session.post('Profiler.enable');
        await session.post('Profiler.setSamplingInterval', { interval: SAMPLING_US });
        await session.post('Profiler.start');
        break;
      case 'end': {
        const { profile } = await session.post('Profiler.stop');
        session.disconnect();
        mkdirSync(dirname(question.file), { recursive: true });
        writeFileSync(question.file, JSON.stringify(profile));
      }
    }
    return { port: running?.port ?? 0 };
  },
  async () => running?.close(),
);
