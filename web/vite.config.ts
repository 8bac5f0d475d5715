import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';

const here = import.meta.dirname;
const server = process.env['CARILLON_URL'] ?? 'http://127.0.0.1:4000';

export default defineConfig({
  root: here,
  base: '/',
  plugins: [siteHeader(), react()],
  // Monaco's workers load parts of themselves on demand, which only module workers can do.
  worker: { format: 'es' },
  server: {
    fs: { allow: [resolve(here, '..')] },
    proxy: {
      '/graphql': { target: server, ws: true },
      '/status.json': server,
    },
  },
  build: {
    outDir: '../dist/web',
    emptyOutDir: true,
    // Assets stay files: a data: script or worker would be refused by the pages' Content-Security-Policy.
    assetsInlineLimit: 0,
    // GraphiQL and Monaco weigh about 4 MB; nobody pays for them but the playground.
    chunkSizeWarningLimit: 6_000,
    rolldownOptions: {
      // GraphiQL's "use no memo" is meant for the React compiler, which has already run over it.
      onLog: (level, log, report) => log.code !== 'MODULE_LEVEL_DIRECTIVE' && report(level, log),
      input: {
        start: resolve(here, 'index.html'),
        playground: resolve(here, 'playground/index.html'),
        inbox: resolve(here, 'inbox/index.html'),
        sandbox: resolve(here, 'sandbox/index.html'),
      },
    },
  },
});

/** Puts the one header into every page at build time, so that it neither flashes in nor is written four times. */
function siteHeader(): Plugin {
  return {
    name: 'carillon-site-header',
    transformIndexHtml: {
      order: 'pre',
      handler: (html) => html.replace(/<!-- site-header:(\S+) -->/, (_, current: string) => headerFor(current)),
    },
  };
}

function headerFor(current: string): string {
  const header = readFileSync(resolve(here, 'partials/header.html'), 'utf8');
  return header.replace(`data-page="${current}"`, `data-page="${current}" aria-current="page"`);
}
