// Writes the pages of docs/ that follow from the catalogue.
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { build } from './build.mjs';

build();
const { schemaOf } = await import('../dist/src/api.js');
const { conditionsPage } = await import('../dist/src/cli/conditions-page.js');
const { tagsPage } = await import('../dist/src/cli/tags-page.js');
const docs = join(dirname(import.meta.dirname), 'docs');
writeFileSync(join(docs, 'tags.md'), tagsPage());
writeFileSync(join(docs, 'conditions.md'), conditionsPage(schemaOf()));
