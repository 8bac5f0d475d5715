import { eventually, type TestApp } from '../../support/app.js';

export type Json = Record<string, any>;

/** What tests of rules do again and again. */
export function rulesOf(app: TestApp) {
  const create = async (input: object): Promise<Json> =>
    (
      await app.call('mutation ($input: CreateRuleInput!) { createRule(input: $input) { rule { id code } warnings { code path } } }', {
        input,
      })
    ).createRule.rule;
  const record = async (...events: object[]): Promise<string[]> =>
    (await app.call('mutation ($input: RecordEventsInput!) { recordEvents(input: $input) { eventIds } }', { input: { events } }))
      .recordEvents.eventIds;
  const upsert = async (input: object) =>
    await app.call('mutation ($input: UpsertCrmRecordsInput!) { upsertCrmRecords(input: $input) { inserted updated } }', { input });
  /** Until every event has been looked at. */
  const done = async () =>
    await eventually(async () => (await app.sql<{ n: number }>('select count(*)::int as n from event_waiting'))[0]?.n === 0);
  /** What an event came to. */
  const outcomes = async (eventId: string): Promise<Json[]> => {
    await done();
    const fields =
      'state reason conditions medium toParent dueAt rule { name } contact { externalId } communication { to subject body state medium expiresAt category { name } }';
    return (await app.call(`query ($id: ID!) { event(id: $id) { outcomes { ${fields} } } }`, { id: eventId })).event.outcomes;
  };
  const refused = async (name: 'createRule' | 'updateRule' | 'copyRule', input: object): Promise<string[]> => {
    const type = `${name[0]?.toUpperCase()}${name.slice(1)}Input`;
    const answer = await app.ask(`mutation ($input: ${type}!) { ${name}(input: $input) { rule { id } } }`, { input });
    return (answer.errors?.[0]?.extensions.problems ?? []).map((each) => `${each.path.join('.')}: ${each.code}`).toSorted();
  };
  return { create, record, upsert, done, outcomes, refused };
}

export const text = (body: string, subject: string | null = 'Hello') => [{ language: 'en', subject, body }];
