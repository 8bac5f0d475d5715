import { beforeAll, expect, test } from 'vitest';
import { openApp } from '../support/app.js';
import { notifying } from '../support/notify.js';

// BS3: who leaves partners' marketing still gets our own.
const app = await openApp();
const { upsert, type, run, of } = notifying(app);

beforeAll(async () => {
  await upsert({
    contacts: [
      { externalId: 'leaver', name: 'Leaver', directMarketing: true, affiliateMarketing: false, emails: [{ address: 'l@example.org' }] },
      { externalId: 'stayer', name: 'Stayer', directMarketing: true, affiliateMarketing: true, emails: [{ address: 's@example.org' }] },
      { externalId: 'hermit', name: 'Hermit', directMarketing: false, affiliateMarketing: false, emails: [{ address: 'h@example.org' }] },
    ],
    objects: ['leaver', 'stayer', 'hermit'].map((contact) => ({ type: 'subscription', externalId: `S-${contact}`, contact })),
  });
});

const notified = async (preferences: object) => {
  const ended = await run(await type({ classification: 'CUSTOMER_CARE', about: 'subscription', ...preferences }));
  const notifications = await of(ended.id);
  const [counts] = await app.sql(
    `select (select count(*)::int from communication where run_id = r.id) as communications, (select count(*)::int from notification where run_id = r.id) as notifications,
       (select count(*)::int from notified_item i join notification n on n.id = i.notification_id where n.run_id = r.id) as items
     from run r order by seq desc limit 1`,
  );
  return { who: notifications.map((each) => each.contact.externalId).toSorted(), skipped: ended.skipped, counts };
};

test('BS3 N31 N32 a type for partners applies the affiliate switch: neither notification nor communication', async () => {
  expect(await notified({ applyAffiliateMarketingPreference: true })).toEqual({
    who: ['stayer'],
    skipped: [{ reason: 'OPTED_OUT_AFFILIATE', count: 2 }],
    counts: { communications: 1, notifications: 1, items: 1 },
  });
});

test('BS3 N30 N33 a type of our own applies the direct switch only: both are created', async () => {
  expect(await notified({ applyDirectMarketingPreference: true })).toEqual({
    who: ['leaver', 'stayer'],
    skipped: [{ reason: 'OPTED_OUT_DIRECT', count: 1 }],
    counts: { communications: 2, notifications: 2, items: 2 },
  });
});

test('N30 without either switch nobody is left out', async () => {
  expect((await notified({})).who).toEqual(['hermit', 'leaver', 'stayer']);
});
