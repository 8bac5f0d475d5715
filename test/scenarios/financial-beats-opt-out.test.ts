import { beforeAll, expect, test } from 'vitest';
import { eventually, openApp } from '../support/app.js';
import { notifying } from '../support/notify.js';
import { openSink } from '../support/smtp-sink.js';

// BS15: nobody opts out of their bill.
const sink = await openSink();
const app = await openApp({ env: { DELIVERY_MODE: 'live', SMTP_URL: sink.url, MAIL_FROM: 'bills@example.org' } });
const { upsert, template, type, run, of } = notifying(app);

beforeAll(async () => {
  await upsert({
    contacts: [
      { externalId: 'anna', name: 'Anna', directMarketing: false, affiliateMarketing: false, emails: [{ address: 'anna@example.org' }] },
    ],
    accounts: [{ externalId: 'A1', contact: 'anna', number: 'AR1', currency: 'EUR' }],
    objects: [{ type: 'bill', externalId: 'B1', account: 'A1', number: 'BL1', fields: { outstanding_amount: '45.5' } }],
  });
});

test('BS15 N34 who opted out of everything still gets the bill, although the type says to apply preferences', async () => {
  const id = await type({
    classification: 'FINANCIAL',
    about: 'bill',
    templateId: await template('You owe #notification.total_notified_amount'),
    applyDirectMarketingPreference: true,
    applyAffiliateMarketingPreference: true,
  });
  const ended = await run(id);
  expect(ended).toMatchObject({ matched: 1, generated: 1, skipped: [] });
  await eventually(() => sink.arrived.length === 1);
  expect(sink.arrived[0]?.mail.text).toContain('€45.50');
  const [notification] = await eventually(async () => {
    const found = await of(ended.id);
    return found[0]?.state === 'COMPLETED' ? found : undefined;
  });
  expect(notification).toMatchObject({ contact: { externalId: 'anna' }, communication: { state: 'COMPLETED' } });
});
