// Runs the command line from a checkout, built first where it is not (npm ci --ignore-scripts, changed sources). In one process,
// and by `exec` in package.json: a shell in between would keep npm's signals from the server.
import { build } from './build.mjs';

try {
  build();
} catch (error) {
  console.error(error.message);
  process.exit(1);
}
await import('../dist/src/main.js');
