import { expect, test } from 'vitest';
import { checkCondition } from '../../src/catalogue/check-condition.js';
import type { Condition } from '../../src/catalogue/condition.js';
import { conditionSql } from '../../src/catalogue/condition-sql.js';
import { Problems } from '../../src/errors.js';

function problemsOf(condition: unknown) {
  const problems = new Problems();
  checkCondition(condition as Condition, problems, ['condition']);
  return problems.list.map((each) => [each.path.slice(1).join('.'), each.code] as const);
}

const leaf = (field: string, operator: string, value?: unknown) => ({ field, operator, value });

test.each<[string, unknown, [string, string][]]>([
  ['nothing', {}, [['', 'EXACTLY_ONE']]],
  ['two of them', { all: [leaf('contact.name', 'EQ', 'x')], not: leaf('contact.name', 'EQ', 'x') }, [['', 'EXACTLY_ONE']]],
  ['an empty all', { all: [] }, [['all', 'EMPTY']]],
  [
    'an operator without a field',
    { not: leaf('contact.name', 'EQ', 'x'), operator: 'EQ', value: 1 },
    [
      ['operator', 'UNEXPECTED'],
      ['value', 'UNEXPECTED'],
    ],
  ],
  ['no operator', { field: 'contact.name' }, [['operator', 'REQUIRED']]],
  ['an unknown field', leaf('contact.nmae', 'EQ', 'x'), [['field', 'UNKNOWN_FIELD']]],
  ['an unknown type', leaf('bil.amount', 'EQ', 1), [['field', 'UNKNOWN_FIELD']]],
  ['a field that goes too far', leaf('contact.name.first', 'EQ', 'x'), [['field', 'UNKNOWN_FIELD']]],
  ['a relation without a field', leaf('subscription.account', 'EQ', 'x'), [['field', 'UNKNOWN_FIELD']]],
  ['a tag that is no field', leaf('date.today', 'EQ', '2027-01-01'), [['field', 'UNKNOWN_FIELD']]],
  ['an operator that does not fit', leaf('account.balance', 'CONTAINS', '5'), [['operator', 'OPERATOR_NOT_ALLOWED']]],
  ['a text for a number', leaf('account.balance', 'GT', 'much'), [['value', 'WRONG_TYPE']]],
  ['a number for a text', leaf('contact.name', 'EQ', 5), [['value', 'WRONG_TYPE']]],
  ['no calendar day', leaf('bill.due_date', 'EQ', '2027-02-30'), [['value', 'WRONG_TYPE']]],
  ['null', leaf('contact.email', 'EQ', null), [['value', 'REQUIRED']]],
  ['one value for a list', leaf('contact.name', 'IN', 'x'), [['value', 'WRONG_TYPE']]],
  ['an empty list', leaf('contact.name', 'IN', []), [['value', 'EMPTY']]],
  ['a wrong element', leaf('account.balance', 'IN', [1, 'x']), [['value.1', 'WRONG_TYPE']]],
  ['three bounds', leaf('account.balance', 'BETWEEN', [1, 2, 3]), [['value', 'WRONG_TYPE']]],
  ['half a day', leaf('bill.due_date', 'WITHIN_NEXT_DAYS', 1.5), [['value', 'WRONG_TYPE']]],
  ['a value for IS_EMPTY', leaf('contact.email', 'IS_EMPTY', 'x'), [['value', 'UNEXPECTED']]],
  ['an empty text to contain', leaf('contact.name', 'CONTAINS', ''), [['value', 'WRONG_TYPE']]],
  [
    'two mistakes in different places',
    { all: [leaf('contact.nmae', 'EQ', 'x'), { any: [leaf('account.balance', 'GT', {})] }] },
    [
      ['all.0.field', 'UNKNOWN_FIELD'],
      ['all.1.any.0.value', 'WRONG_TYPE'],
    ],
  ],
])('%s is refused, where it stands', (_, condition, expected) => {
  expect(problemsOf(condition)).toEqual(expected);
});

test('the message names what was probably meant', () => {
  const problems = new Problems();
  checkCondition(leaf('subscription.account.blance', 'EQ', 1) as Condition, problems, []);
  expect(problems.list[0]?.message).toContain('Did you mean subscription.account.balance?');
});

test('a condition is at most 10 levels deep and compares at most 100 fields', () => {
  let deep: Condition = leaf('contact.name', 'EQ', 'x') as Condition;
  for (let level = 0; level < 9; level++) deep = { not: deep };
  expect(problemsOf(deep)).toEqual([]);
  expect(problemsOf({ not: deep }).map(([, code]) => code)).toEqual(['TOO_COMPLEX']);
  const wide = (size: number) => ({ any: Array.from({ length: size }, () => leaf('contact.name', 'EQ', 'x')) });
  expect(problemsOf(wide(100))).toEqual([]);
  expect(problemsOf(wide(101)).map(([, code]) => code)).toEqual(['TOO_COMPLEX']);
});

test('old names, any case and attributes of any name are fields', () => {
  expect(problemsOf(leaf('Accounts_Receivable.Balance', 'GT', '5'))).toEqual([]);
  expect(problemsOf(leaf('contact.attributes.a.b c', 'EQ', 'x'))).toEqual([]);
});

test('what a caller gives never stands in the statement itself', () => {
  const nasty = `'); drop table contact; --`;
  const parameters: unknown[] = [];
  const condition = {
    all: [leaf(`contact.attributes.${nasty}`, 'CONTAINS', nasty), leaf('subscription.type', 'IN', [nasty])],
  } as Condition;
  const sql = conditionSql(condition, parameters, { contact: 'c', timeZone: nasty });
  expect(sql).not.toContain('drop');
  expect(JSON.stringify(parameters)).toContain('drop');
});

test('conditions on one type become one EXISTS, which the planner can join', () => {
  const condition = {
    all: [leaf('subscription.type', 'EQ', 'a'), leaf('contact.name', 'EQ', 'b'), leaf('subscription.state', 'EQ', 'c')],
  } as Condition;
  const sql = conditionSql(condition, [], { contact: 'c', timeZone: 'UTC' });
  expect(sql.match(/exists/g)).toHaveLength(1);
  expect(sql).toContain(`cond1.contact_id = c.id and cond1.type = 'subscription'`);
});

test('the object and the account that are given are meant, and no others', () => {
  const condition = {
    all: [leaf('bill.state', 'NE', 'a'), leaf('account.balance', 'GT', 1), leaf('account.wallet.balance', 'GT', 1)],
  } as Condition;
  const sql = conditionSql(condition, [], { contact: 'c', object: { type: 'bill', alias: 'o' }, account: 'a', timeZone: 'UTC' });
  expect(sql).toContain('(o.id is not null and (');
  expect(sql).toContain('(a.balance > $');
  expect(sql).toContain('cond1.account_id = a.id');
});
