import { casbin } from './casbin.ts';
import { cedar } from './cedar.ts';
import { slimgate } from './slimgate.ts';
import type { Subject } from './subject.ts';

export const SUBJECTS = { slimgate, casbin, cedar } as const satisfies Record<string, Subject>;

export type SubjectName = keyof typeof SUBJECTS;
