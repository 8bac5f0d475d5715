import { expect, test } from 'vitest';
import { seedAudience } from '../../src/cli/demo/company.js';
import { company } from '../../src/cli/demo/customers.js';
import { transact } from '../../src/graphql/request.js';
import { openApp } from '../support/app.js';

const app = await openApp();
const today = new Date('2027-03-15T12:00:00Z');
const tomorrow = new Date('2027-03-16T12:00:00Z');
const seed = async (day: Date) => await transact(app.context(), async (ctx) => await seedAudience(ctx, day));

test('the demo company speaks English and Greek, owes, pays, opts out and lacks addresses', async () => {
  const { inserted, updated, unchanged } = await seed(today);
  expect([updated, unchanged]).toEqual([0, 0]);
  const counts = await app.sql<Record<string, number>>(`
    select (select count(*) from contact)::integer as contacts,
      (select count(*) from contact where preferred_language = 'el' and time_zone = 'Europe/Nicosia')::integer as greek,
      (select count(*) from contact where email is null)::integer as unreachable,
      (select count(*) from contact where not direct_marketing)::integer as direct,
      (select count(*) from contact where not affiliate_marketing)::integer as affiliate,
      (select count(*) from account)::integer as accounts,
      (select count(*) from business_object where type = 'subscription')::integer as subscriptions,
      (select count(*) from business_object where type = 'bill')::integer as bills,
      (select count(*) from business_object where type = 'wallet')::integer as wallets`);
  const [counted] = counts;
  expect(counted).toMatchObject({
    contacts: 500,
    greek: 250,
    unreachable: 10,
    direct: 45,
    affiliate: 71,
    accounts: 500,
    bills: 1_000,
    wallets: 500,
  });
  expect(counted?.['subscriptions']).toBeGreaterThan(600);
  expect(inserted).toBe(2_500 + (counted?.['subscriptions'] ?? 0));
});

test("an account owes what its bills say, and nobody's address is anybody's", async () => {
  const wrong = await app.sql(`
    select a.external_id from account a join business_object b on b.account_id = a.id and b.type = 'bill'
    group by a.id having a.outstanding_amount <> sum((b.fields ->> 'outstanding_amount')::numeric)`);
  expect(wrong).toEqual([]);
  expect(await app.sql(`select 1 from contact where email !~ '@example[.](com|org|net)$' or phone !~ '^[+]447700900[0-9]{3}$'`)).toEqual(
    [],
  );
  expect(await app.sql('select email from contact group by email having count(*) > 1 and email is not null')).toEqual([]);
  expect(await app.sql(`select name from contact where external_id = 'C0002' and name !~ '^[Α-ώ]+ [Α-ώ]+$'`)).toEqual([]);
});

test('the segments have members', async () => {
  const { segments } = await app.call('{ segments { nodes { name size } } }');
  const sizes = Object.fromEntries(segments.nodes.map((each: any) => [each.name, each.size]));
  expect(sizes).toMatchObject({ Everyone: 500, 'Greek speakers': 250, VIP: 100 });
  expect(sizes['Unpaid bills']).toBeGreaterThan(150);
  expect(sizes['Unpaid bills']).toBeLessThan(300);
});

test('seeded again it is unchanged, and a day later only dates move', async () => {
  expect(await seed(today)).toMatchObject({ inserted: 0, updated: 0 });
  expect(await seed(tomorrow)).toMatchObject({ inserted: 0 });
  expect(company(today).map((each) => each.contact)).toEqual(company(tomorrow).map((each) => each.contact));
  expect(await app.sql('select count(*)::integer as count from segment')).toEqual([{ count: 4 }]);
});
