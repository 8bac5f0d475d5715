/** How far an import is. */
export interface Progress {
  bytes: number;
  ofBytes: number;
  rows: number;
  problems: number;
}

const barWidth = 30;
const terminalEveryMs = 100;
const linesEveryMs = 1_000;

/** Where progress is shown: stderr, as far as it matters here. */
export interface Display {
  isTTY?: boolean;
  write(text: string): unknown;
}

/** Shows progress: a bar that is drawn over itself on a terminal, elsewhere a line a second. Nothing without a display. */
export function showProgress(display: Display | undefined): { at(progress: Progress): void; end(): void } {
  const started = performance.now();
  let shown = started;
  let drawn = false;
  let last: Progress | undefined;
  const draw = (progress: Progress) => {
    const seconds = Math.max((performance.now() - started) / 1000, 0.001);
    const done = progress.ofBytes === 0 ? 1 : Math.min(progress.bytes / progress.ofBytes, 1);
    const bar = '█'.repeat(Math.round(done * barWidth)).padEnd(barWidth, '░');
    const problems = progress.problems > 0 ? `  problems: ${progress.problems}` : '';
    const percent = String(Math.floor(done * 100)).padStart(3);
    const words = `${percent} %  ${progress.rows} rows  ${Math.round(progress.rows / seconds)} rows/s${problems}`;
    display?.write(display.isTTY ? `\r${bar} ${words}\x1b[K` : `${words}\n`);
    drawn = true;
  };
  return {
    at(progress) {
      last = progress;
      const now = performance.now();
      if (now - shown < (display?.isTTY ? terminalEveryMs : linesEveryMs)) return;
      shown = now;
      draw(progress);
    },
    end() {
      if (!last || !(drawn || display?.isTTY)) return;
      draw(last);
      if (display?.isTTY) display.write('\n');
    },
  };
}
