import { eventually, type TestApp } from './app.js';

/** What tests of notifications do again and again, through the API. */
export function notifying(app: TestApp) {
  let count = 0;
  const self = {
    async upsert(input: object): Promise<void> {
      await app.call('mutation ($input: UpsertCrmRecordsInput!) { upsertCrmRecords(input: $input) { inserted } }', { input });
    },
    /** An e-mail template in English; answers its id. */
    async template(body = 'Hello', more: object = {}): Promise<string> {
      count += 1;
      const input = { name: `Template ${count}`, medium: 'EMAIL', content: [{ language: 'en', subject: 'News', body }], ...more };
      const data = await app.call('mutation ($input: CreateTemplateInput!) { createTemplate(input: $input) { template { id } } }', {
        input,
      });
      return data.createTemplate.template.id;
    },
    /** Tries to make a type; answers the whole answer. */
    async tryType(input: object) {
      count += 1;
      return await app.ask(
        'mutation ($input: CreateNotificationTypeInput!) { createNotificationType(input: $input) { notificationType { id name classification about active criteria addressType } } }',
        { input: { name: `Type ${count}`, ...input } },
      );
    },
    /** Makes a type; answers its id. */
    async type(input: object): Promise<string> {
      const answer = await self.tryType({ templateId: await self.template(), ...input });
      if (answer.errors) throw new Error(JSON.stringify(answer.errors, null, 1));
      return answer.data?.['createNotificationType'].notificationType.id;
    },
    /** The problems of a type that cannot be made: their paths and codes. */
    async problems(input: object): Promise<string[]> {
      const answer = await self.tryType({ templateId: await self.template(), ...input });
      return (answer.errors?.[0]?.extensions.problems ?? []).map((each) => `${each.path.join('.')} ${each.code}`);
    },
    async start(notificationTypeId: string): Promise<string> {
      const data = await app.call('mutation ($id: ID!) { runNotifications(input: { notificationTypeId: $id }) { run { id } } }', {
        id: notificationTypeId,
      });
      return data.runNotifications.run.id;
    },
    /** Waits until a run has ended. */
    async ended(runId: string) {
      return await eventually(async () => {
        const { run } = await app.call(
          'query ($id: ID!) { run(id: $id) { id state error matched generated remaining pending rejected skipped { reason count } } }',
          { id: runId },
        );
        return ['COMPLETED', 'FAILED', 'CANCELLED'].includes(run.state) ? run : undefined;
      });
    },
    async run(notificationTypeId: string) {
      return await self.ended(await self.start(notificationTypeId));
    },
    /** The notifications of a run, by contact; throws where the run failed. */
    async told(notificationTypeId: string): Promise<Notified[]> {
      const run = await self.run(notificationTypeId);
      if (run.state !== 'COMPLETED') throw new Error(`The run is ${run.state}: ${run.error}`);
      return await self.of(run.id);
    },
    async of(runId: string): Promise<Notified[]> {
      const { notifications } = await app.call(
        `query ($runId: ID!) { notifications(runId: $runId, last: 100) { nodes { id number state currency accountInformation totalNotifiedAmount createdAt classification
           totals { currency amount } contact { externalId } communication { id subject body state } type { id name } run { id }
           items { objectType externalId number amount currency outstandingAmount unsettledAmount estimatedConsumptionDays estimatedConsumptionDate } } } }`,
        { runId },
      );
      return notifications.nodes.toReversed();
    },
    /** The contacts whom a run of the type notifies, in order. */
    async who(notificationTypeId: string): Promise<string[]> {
      return (await self.told(notificationTypeId)).map((each) => each.contact.externalId).toSorted();
    },
  };
  return self;
}

export interface Notified {
  id: string;
  number: string;
  state: string;
  classification: string;
  currency: string | null;
  accountInformation: string | null;
  totalNotifiedAmount: string | null;
  totals: { currency: string | null; amount: string }[];
  createdAt: string;
  contact: { externalId: string };
  communication: { id: string; subject: string | null; body: string; state: string };
  type: { id: string; name: string };
  run: { id: string };
  items: {
    objectType: string;
    externalId: string;
    number: string | null;
    amount: string | null;
    currency: string | null;
    outstandingAmount: string | null;
    unsettledAmount: string | null;
    estimatedConsumptionDays: number | null;
    estimatedConsumptionDate: string | null;
  }[];
}
