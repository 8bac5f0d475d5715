import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Config } from '../config.js';
import { Unavailable } from '../errors.js';

const usualPlaces = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
  '/snap/bin/chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
];

/** The browser that makes PDFs: the configured one, or one that is there. */
export function findChromium({ chromiumPath }: Pick<Config, 'chromiumPath'>): string | undefined {
  return (chromiumPath === undefined ? usualPlaces : [chromiumPath]).find((each) => existsSync(each));
}

const patienceMs = 30_000;
/** A browser takes some hundred megabytes: two at a time, and no endless queue behind them. */
const mostAtOnce = 2;
const mostWaiting = 10;
let running = 0;
const waiting: (() => void)[] = [];

/** The page as a PDF, by a browser of its own that reaches nothing: no network, no profile, no script, and not for long. */
export async function pdfOf(page: string, program: string): Promise<Buffer> {
  if (running >= mostAtOnce) {
    if (waiting.length >= mostWaiting) throw new Unavailable('Many PDFs are being made at the moment; try again.');
    await new Promise<void>((turn) => waiting.push(turn));
  } else running += 1;
  const folder = await mkdtemp(join(tmpdir(), 'carillon-print-'));
  try {
    await writeFile(join(folder, 'page.html'), page, { mode: 0o600 });
    await run(program, folder);
    return await readFile(join(folder, 'page.pdf'));
  } finally {
    const next = waiting.shift();
    if (next) next();
    else running -= 1;
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

async function run(program: string, folder: string): Promise<void> {
  const browser = spawn(program, argumentsFor(folder), {
    cwd: folder,
    // Nothing of ours: no settings, no secrets.
    env: { HOME: folder, TMPDIR: folder, PATH: '/usr/local/bin:/usr/bin:/bin' },
    stdio: 'ignore',
    detached: true,
  });
  const exited = once(browser, 'exit') as Promise<[code: number | null]>;
  const timer = setTimeout(() => killAll(browser.pid), patienceMs);
  try {
    const [code] = await exited;
    if (code !== 0 || !existsSync(join(folder, 'page.pdf')))
      throw new Error(`${program} made no PDF (it ended with ${code ?? 'a signal'})`);
  } finally {
    clearTimeout(timer);
    killAll(browser.pid);
  }
}

function argumentsFor(folder: string): string[] {
  return [
    '--headless',
    '--disable-gpu',
    '--disable-dev-shm-usage',
    '--disable-extensions',
    '--disable-background-networking',
    '--disable-sync',
    '--disable-component-update',
    '--no-first-run',
    '--no-default-browser-check',
    // Three times the same: no name resolves, no proxy answers, and the page's own policy lets nothing in and no script run.
    '--host-resolver-rules=MAP * ~NOTFOUND',
    '--proxy-server=127.0.0.1:9',
    '--proxy-bypass-list=<-loopback>',
    `--user-data-dir=${join(folder, 'profile')}`,
    '--no-pdf-header-footer',
    `--print-to-pdf=${join(folder, 'page.pdf')}`,
    // Chromium's own sandbox does not work for root; the page runs nothing all the same.
    ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
    pathToFileURL(join(folder, 'page.html')).href,
  ];
}

/** The browser and its children: it was started as the head of a group. */
function killAll(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // They have ended by themselves.
  }
}
