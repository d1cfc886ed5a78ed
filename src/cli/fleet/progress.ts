import { Presets, SingleBar } from 'cli-progress';

export interface Progress {
  /** One more is done. */
  step(): void;
  /** A line for people, above the bar. */
  say(line: string): void;
  close(): void;
}

const LINES = 10;

/** A bar on a terminal; elsewhere a line for each tenth. All of it on the standard error. */
export function openProgress(what: string, total: number): Progress {
  return process.stderr.isTTY ? openBar(what, total) : openLines(what, total);
}

function openBar(what: string, total: number): Progress {
  const format = `${what} [{bar}] {value}/{total}, {eta_formatted} left`;
  const bar = new SingleBar({ format, stream: process.stderr, hideCursor: true }, Presets.legacy);
  bar.start(total, 0);
  return {
    step: () => bar.increment(),
    say: (line) => {
      process.stderr.write(`\r\u001b[K${line}\n`);
      bar.render();
    },
    close: () => bar.stop(),
  };
}

function openLines(what: string, total: number): Progress {
  let done = 0;
  const say = (line: string) => void process.stderr.write(`${line}\n`);
  return {
    step() {
      done += 1;
      const isTenth = Math.floor((done * LINES) / total) > Math.floor(((done - 1) * LINES) / total);
      if (isTenth) say(`${what} ${done}/${total}`);
    },
    say,
    close: () => {},
  };
}
