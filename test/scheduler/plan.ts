import { randomUUID } from 'node:crypto';
import type { TestApp } from '../support/app.js';
import { buildContact } from '../support/build.js';

/** A plan of one e-mail to one contact, made through the API; answers its public id. */
export async function makePlan(app: TestApp): Promise<string> {
  const contact = await buildContact(app);
  const name = `Plan ${randomUUID()}`;
  const { createSegment } = await app.call(
    `mutation ($name: String!, $who: [String!]!) { createSegment(input: { name: $name, contactExternalIds: $who }) { segment { id } } }`,
    { name, who: [contact['external_id']] },
  );
  const { createPlan } = await app.call(
    `mutation ($name: String!, $segment: ID!) {
      createPlan(input: {
        name: $name, includeSegmentIds: [$segment],
        messages: [{ medium: EMAIL, content: [{ language: "en", subject: "Hello", body: "Good day." }] }]
      }) { plan { id } }
    }`,
    { name, segment: createSegment.segment.id },
  );
  return createPlan.plan.id;
}

export const schedulePlan = `mutation ($planId: ID!, $schedule: ScheduleInput!) {
  schedulePlan(input: { planId: $planId, schedule: $schedule }) {
    schedule { id name active timeZone nextRunAt nextRuns lastRunAt repeat { every { amount unit } cron until times } }
  }
}`;

export const scheduleFields = `query ($id: ID!) {
  node(id: $id) { ... on Schedule { id active nextRunAt nextRuns lastRunAt runs { totalCount nodes { id state scheduledFor generated } } } }
}`;

/** The row's id in a public one. */
export function rowId(publicId: string): string {
  return publicId.slice(4).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
