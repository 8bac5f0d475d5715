// Makes an empty migration and lists it: npm run migrate:new -- NAME
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const folder = join(dirname(import.meta.dirname), 'migrations');
const name = process.argv[2];
if (!name || !/^[a-z][a-z_]*$/.test(name)) {
  console.error('Name it in lower case with underscores, for example: npm run migrate:new -- business_units');
  process.exit(2);
}

const stamp = new Date().toISOString().replace(/\D/g, '').slice(0, 14);
const className = `Migration${stamp}_${name}`;
const body = `import { Migration } from '@mikro-orm/migrations';

/** What it is for. */
export class ${className} extends Migration {
  override up(): void {
    this.addSql(\`
    \`);
  }

  override down(): void {
    this.addSql('');
  }
}
`;
writeFileSync(join(folder, `${className}.ts`), body, { flag: 'wx' });

const index = join(folder, 'index.ts');
const lines = readFileSync(index, 'utf8').split('\n');
lines.splice(lines.findLastIndex((line) => line.startsWith('import ')) + 1, 0, `import { ${className} } from './${className}.js';`);
lines.splice(lines.lastIndexOf('];'), 0, `  ${className},`);
writeFileSync(index, lines.join('\n'));
console.log(`migrations/${className}.ts`);
