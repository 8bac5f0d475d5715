import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { defineConfig, type Plugin } from 'vite';

const here = import.meta.dirname;

/** The package as it is published, and as a running server offers it under /client/: two modules that need nothing else. */
export default defineConfig({
  root: here,
  publicDir: false,
  plugins: [withManifest()],
  build: {
    outDir: resolve(here, '../../dist/web/client'),
    emptyOutDir: true,
    target: 'es2022',
    minify: 'oxc',
    lib: { entry: { index: resolve(here, 'src/index.ts'), element: resolve(here, 'src/element/element.ts') }, formats: ['es'] },
    rolldownOptions: { output: { chunkFileNames: 'shared.js' } },
  },
});

/** package.json and README.md go beside the modules. */
function withManifest(): Plugin {
  return {
    name: 'carillon-client-manifest',
    generateBundle() {
      for (const fileName of ['package.json', 'README.md'])
        this.emitFile({ type: 'asset', fileName, source: readFileSync(resolve(here, fileName), 'utf8') });
    },
  };
}
