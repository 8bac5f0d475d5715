import { expect, test } from 'vitest';
import { builtInTypes } from '../../src/catalogue/built-in.js';
import { currentCatalogue } from '../../src/catalogue/current.js';
import { normalised } from '../../src/catalogue/field-value.js';

// Every entity that the sources name is a type of the catalogue, whoever declares it.
const named = (list: string) => list.split(/\s+/);

/** What a communication may refer to; a related communication is `followUpOf`, a notification the record of its run. */
const referredTo = named(
  `job subscription activity service_request lead account bill payment payment_gateway_card payment_gateway_request rewards_participant
  award_reward_transaction spend_reward_transaction access_token`,
);
/** What the events of rules are about. */
const ruled = named(
  `account activity award_expiration_transaction bill contact invoice lead payment refund award_reward_transaction
  spend_reward_transaction service_request subscription voucher wallet`,
);
/** What notifications are about. */
const notified = named(
  `subscription activity invoice job buy_in_advance_request wallet wallet_product_consumption wallet_transaction rewards_participant
  service_request lead payment_gateway_card payment_gateway_request payment award_reward_transaction spend_reward_transaction
  award_expiration_transaction bill subscription_action reward_offer account contact`,
);

test.each([
  ['C17', referredTo],
  ['E2', ruled],
  ['N2', notified],
])('%s every entity named is a type of the catalogue', (_, names) => {
  expect(names.filter((each) => currentCatalogue().get(each)?.storage === 'NONE' || !currentCatalogue().has(each))).toEqual([]);
});

test('AMB-17 every type and field has labels in two languages, every field an example that fits its kind', () => {
  const wrong: string[] = [];
  for (const type of builtInTypes) {
    for (const { name, label, kind, example } of [...type.fields, { ...type, kind: undefined, example: undefined }]) {
      const where = `${type.name}.${name}`;
      if (!label.en || !label['el'] || label.en === label['el']) wrong.push(`${where}: label`);
      const value = kind === 'LIST' ? [example] : kind === 'BOOLEAN' ? example === 'true' : example;
      if (kind !== undefined && (!example || normalised(kind, value) === undefined)) wrong.push(`${where}: ${example} is no ${kind}`);
    }
  }
  expect(wrong).toEqual([]);
});

test('AMB-17 every relation leads to a type, and every business object to its account and its contact', () => {
  const wrong = builtInTypes.flatMap((type) => [
    ...type.relations.filter((each) => !currentCatalogue().has(each.to)).map((each) => `${type.name}.${each.name}`),
    ...(type.storage === 'business_object' ? ['account', 'contact'] : [])
      .filter((name) => !type.relations.some((each) => each.name === name))
      .map((name) => `${type.name} has no ${name}`),
  ]);
  expect(wrong).toEqual([]);
});
