import { expect, test } from 'vitest';
import { checkAttributes, checkFields } from '../../src/catalogue/check-fields.js';
import { decimalOf, normalised } from '../../src/catalogue/field-value.js';
import { nearest } from '../../src/catalogue/nearest.js';
import { isObjectType, objectTypeNames } from '../../src/catalogue/object-types.js';
import { Problems } from '../../src/errors.js';

function check(type: string, fields: Record<string, unknown>) {
  const problems = new Problems();
  return { kept: checkFields(type, fields, problems, ['objects', 0, 'fields']), problems: problems.list };
}

test('the fields of a record are kept in one spelling', () => {
  const { kept, problems } = check('bill', { amount: 45.5, outstanding_amount: '0045.50', due_date: '2027-03-31', state: null });
  expect(problems).toEqual([]);
  expect(kept).toEqual({ amount: '45.5', outstanding_amount: '45.5', due_date: '2027-03-31', state: null });
});

test('every unknown field and wrong value is reported by its path, with the nearest names', () => {
  const { problems } = check('bill', { ammount: 1, due_date: '2027-02-30', issue_date: 5, number: 'B1', colour: 'red' });
  expect(problems.map((each) => [each.path.at(-1), each.code])).toEqual([
    ['ammount', 'UNKNOWN_FIELD'],
    ['due_date', 'WRONG_TYPE'],
    ['issue_date', 'WRONG_TYPE'],
    ['number', 'UNKNOWN_FIELD'],
    ['colour', 'UNKNOWN_FIELD'],
  ]);
  expect(problems[0]?.message).toContain('Did you mean amount?');
  expect(problems[1]?.message).toContain('a calendar day such as');
  expect(problems[3]?.message).toContain('beside `fields`');
  expect(problems[4]?.message).toContain('outstanding_amount');
});

test('a list takes texts, and only texts', () => {
  expect(check('subscription', { services: ['TV', 'Voice'] }).kept).toEqual({ services: ['TV', 'Voice'] });
  expect(check('subscription', { services: 'TV' }).problems).toHaveLength(1);
  expect(check('subscription', { services: ['TV', 3] }).problems).toHaveLength(1);
});

test('a text that PostgreSQL cannot keep is refused', () => {
  expect(check('bill', { state: 'a\u0000b' }).problems).toHaveLength(1);
  expect(check('bill', { state: '\ud800' }).problems).toHaveLength(1);
});

test('a decimal keeps every digit and has one spelling', () => {
  expect(decimalOf('12.50')).toBe('12.5');
  expect(decimalOf('-0.00')).toBe('0');
  expect(decimalOf('100')).toBe('100');
  expect(decimalOf(1e21)).toBe('1000000000000000000000');
  expect(decimalOf('1.5e-7')).toBe('0.00000015');
  expect(decimalOf('123456789012345678901234567890.123456789012')).toBe('123456789012345678901234567890.123456789012');
  for (const wrong of ['', '1,5', '0x10', 'NaN', Number.NaN, Number.POSITIVE_INFINITY, null, true, '1e999'])
    expect(decimalOf(wrong)).toBeUndefined();
});

test('days and instants outside the years 1 to 9999, which the database does not have, are none', () => {
  expect(normalised('DATE', '0000-01-01')).toBeUndefined();
  expect(normalised('DATE', '0001-01-01')).toBe('0001-01-01');
  expect(normalised('DATE_TIME', '0001-01-01T00:00:00+02:00')).toBeUndefined();
  expect(normalised('DATE_TIME', '9999-12-31T23:59:59-01:00')).toBeUndefined();
  expect(normalised('DATE_TIME', '2027-02-30T00:00:00Z')).toBeUndefined();
  expect(normalised('DATE_TIME', '9999-12-31T23:59:59Z')).toBe('9999-12-31T23:59:59.000Z');
});

test('open attributes take any JSON by names that a tag can spell', () => {
  const problems = new Problems();
  const given = { tier: 'gold', points: 5, tags: ['a'], gone: null };
  expect(checkFields('subscription', { attributes: given }, problems, [])).toEqual({ attributes: given });
  expect(problems.list).toEqual([]);
  checkAttributes({ 'two words': 1, 'a.b': 1, '9th': 1, nul: ['a\u0000'] }, problems, ['attributes']);
  expect(problems.list.map((each) => each.code)).toEqual(['INVALID_NAME', 'INVALID_NAME', 'INVALID_NAME', 'INVALID_TEXT']);
});

test('the types are those of CRM records; names that exist only as tags are none', () => {
  expect(objectTypeNames()).toEqual(
    expect.arrayContaining(['contact', 'account', 'subscription', 'bill', 'wallet', 'award_reward_transaction']),
  );
  expect(isObjectType('date')).toBe(false);
  expect(isObjectType('constructor')).toBe(false);
});

test('the nearest names are those that were probably meant', () => {
  expect(nearest('subscripton', objectTypeNames())[0]).toBe('subscription');
  expect(nearest('wallte', objectTypeNames())).toContain('wallet');
  expect(nearest('zzz', objectTypeNames())).toEqual([]);
});
