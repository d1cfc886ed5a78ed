import type { JournalSettings } from '../../src/audit/journal.ts';

/** What the configuration sets when it is silent. */
export const SETTINGS: JournalSettings = {
  segmentBytes: 67_108_864,
  segmentHours: 24,
  checkpointRecords: 1_000,
  checkpointSeconds: 60,
};
