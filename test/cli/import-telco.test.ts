import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { importFile } from '../../src/cli/import/import-file.js';
import { readMapping } from '../../src/cli/import/mapping.js';
import { packageRoot } from '../../src/files.js';
import { openApp } from '../support/app.js';

const file = process.env['TELCO_CSV'] ?? join(packageRoot, '../shared/data/telco-customer-churn.csv');
const reason = existsSync(file) ? '' : ` (skipped: ${file} is not there; TELCO_CSV names another place)`;
const customers = 7_043;

test.skipIf(reason !== '')(
  `the public telecom sample is imported with names and addresses made up${reason}`,
  async () => {
    const app = await openApp();
    const mapping = readMapping(join(packageRoot, 'examples/telco/mapping.json'));
    const started = performance.now();
    const report = await importFile(app.context, { file, mapping });
    console.log(`${customers} customers in ${((performance.now() - started) / 1000).toFixed(1)} s`);
    expect(report).toEqual({
      rows: customers,
      refused: 0,
      inserted: 4 * customers,
      updated: 0,
      unchanged: 0,
      problemCount: 0,
      problems: [],
    });

    const counted = await app.sql(`
    select (select count(*)::integer from contact) as contacts,
      (select count(distinct email)::integer from contact where email ~ '@example[.](com|org|net)$') as emails,
      (select count(*)::integer from contact where phone ~ '^[+]1[0-9]{3}55501[0-9]{2}$') as phones,
      (select count(*)::integer from account where attributes ? 'total_charges') as charged,
      (select count(*)::integer from business_object where type = 'subscription' and fields ->> 'state' = 'TERMINATED') as churned,
      (select sum((fields ->> 'amount')::numeric) from business_object where type = 'bill') as billed`);
    // Eleven customers are in their first month: no total yet. 1,869 left; the monthly charges add up to what the file says.
    expect(counted).toEqual([
      { contacts: customers, emails: customers, phones: customers, charged: customers - 11, churned: 1_869, billed: '456116.60' },
    ]);

    const { contact } = await app.call(`{ contact(externalId: "7590-VHVEG") { name preferredLanguage attributes
    accounts { nodes { number classification currency outstandingAmount attributes } }
    objects(type: "subscription") { nodes { number account fields } } } }`);
    expect(contact).toMatchObject({
      preferredLanguage: 'en',
      attributes: { senior_citizen: false, partner: true, tenure_months: '1' },
      accounts: {
        nodes: [
          {
            number: 'AR-7590-VHVEG',
            classification: 'Standard',
            currency: 'USD',
            outstandingAmount: '29.85',
            attributes: { total_charges: '29.85' },
          },
        ],
      },
      objects: {
        nodes: [
          {
            number: 'SB-7590-VHVEG',
            account: '7590-VHVEG',
            fields: {
              type: 'DSL Internet',
              billing_term_scheme: 'Month-to-month',
              state: 'ACTIVE',
              services: ['DSL Internet', 'Online backup'],
            },
          },
        ],
      },
    });

    const again = await importFile(app.context, { file, mapping });
    expect(again).toMatchObject({ inserted: 0, updated: 0, unchanged: 4 * customers });
  },
  120_000,
);
