import { expect, test } from 'vitest';
import { eventually, openApp } from '../support/app.js';

const app = await openApp();
const compiles = async () =>
  Number(/^carillon_mjml_compiles_total (\d+)/m.exec(await (await fetch(`${app.url}/metrics`)).text())?.[1] ?? Number.NaN);

test('MJML is compiled once for each template and language, and never during a run, a delivery or a read', {
  timeout: 60_000,
}, async () => {
  const languages = ['en', 'el'];
  await app.sql(
    `insert into contact (external_id, name, email, preferred_language)
     select 'C' || n, 'Contact ' || n, 'c' || n || '@example.org', case when n % 2 = 0 then 'el' else 'en' end from generate_series(1, 60) n`,
  );
  const before = await compiles();
  const content = languages.map((language) => ({
    language,
    subject: `${language} #contact.name`,
    body: `<mjml><mj-body><mj-section><mj-column><mj-text>${language} #contact.name #date.today</mj-text></mj-column></mj-section></mj-body></mjml>`,
    format: 'MJML',
  }));
  const { createTemplate } = await app.call(
    'mutation ($input: CreateTemplateInput!) { createTemplate(input: $input) { template { id } warnings { code } } }',
    { input: { name: 'Once', medium: 'EMAIL', content } },
  );
  const templateId = createTemplate.template.id;
  expect(await compiles()).toBe(before + languages.length);
  const { createSegment } = await app.call('mutation ($input: CreateSegmentInput!) { createSegment(input: $input) { segment { id } } }', {
    input: { name: 'All', condition: { field: 'contact.name', operator: 'IS_NOT_EMPTY' } },
  });
  const { createPlan } = await app.call('mutation ($input: CreatePlanInput!) { createPlan(input: $input) { plan { id } } }', {
    input: { name: 'Once', includeSegmentIds: [createSegment.segment.id], messages: [{ medium: 'EMAIL', templateId }] },
  });
  const { runPlan } = await app.call('mutation ($id: ID!) { runPlan(input: { planId: $id }) { run { id } } }', { id: createPlan.plan.id });
  await eventually(
    async () => (await app.call('query ($id: ID!) { run(id: $id) { completed } }', { id: runPlan.run.id })).run.completed === 60,
    { withinMs: 40_000 },
  );
  const { communications } = await app.call('{ communications(first: 100) { nodes { body } } }');
  expect(communications.nodes).toHaveLength(60);
  await app.call('query ($input: PreviewContentInput!) { previewContent(input: $input) { body } }', {
    input: { templateId, contactExternalId: 'C1' },
  });
  expect(await compiles()).toBe(before + languages.length);
  await app.call('mutation ($input: UpdateTemplateInput!) { updateTemplate(input: $input) { template { version } } }', {
    input: { templateId, content: content.map((each) => ({ ...each, body: each.body.replace('#date.today', '') })) },
  });
  expect(await compiles()).toBe(before + 2 * languages.length);
});
