import { comparisonSql } from './comparison-sql.js';
import { type Condition, meetMissing } from './condition.js';
import { eventType } from './event-type.js';
import { literal, type Push, pushTo, relationLink } from './field-sql.js';
import { typeOf } from './object-types.js';
import { type FieldPath, lastRelation, resolvePath } from './path.js';

/** The rows that a condition speaks of without choosing: the contact, and what the communication is about. */
export interface ConditionNames {
  /** Alias of the contact row. */
  readonly contact: string;
  /** The one object that conditions on its type mean. */
  readonly object?: { readonly type: string; readonly alias: string } | undefined;
  /** The one account that conditions on accounts mean. */
  readonly account?: string | undefined;
  /** The event that conditions on `event` mean (see event-type.ts). */
  readonly event?: string | undefined;
  /** Of contacts that name none. */
  readonly timeZone: string;
}

/**
 * A checked condition as one SQL expression over the contact row: true or false, never null. What it means stands in
 * condition.ts. Conditions over other objects become EXISTS, which the planner can turn into joins.
 */
export function conditionSql(condition: Condition, parameters: unknown[], names: ConditionNames): string {
  const state: State = { names, push: pushTo(parameters), aliases: 0 };
  const parts = condition.all
    ? allParts(condition.all, state)
    : [{ sql: compile(condition, state, noScope), nullable: isNullable(condition, names) }];
  return `(${parts.map(({ sql, nullable }) => (nullable ? `${sql} is true` : sql)).join(' and ')})`;
}

interface State {
  readonly names: ConditionNames;
  readonly push: Push;
  aliases: number;
}

/** The objects that the surrounding `all` has chosen: aliases by the way to them; `certain` ones are there in any case. */
interface Scope {
  readonly aliases: ReadonlyMap<string, string>;
  readonly certain: ReadonlySet<string>;
}

const noScope: Scope = { aliases: new Map(), certain: new Set() };

function compile(condition: Condition, state: State, scope: Scope): string {
  if (condition.all)
    return `(${allParts(condition.all, state)
      .map((each) => each.sql)
      .join(' and ')})`;
  if (condition.any) return `(${condition.any.map((each) => compile(each, state, scope)).join(' or ')})`;
  if (condition.not) return `(${compile(condition.not, state, noScope)} is not true)`;
  return compileLeaf(condition, state, scope);
}

function compileLeaf(leaf: Condition, state: State, scope: Scope): string {
  const { names, push } = state;
  const path = pathOf(leaf);
  const key = wayOf(path, names).at(-1);
  const alias = key === undefined ? fixedAlias(path.steps[0] ?? '', names) : scope.aliases.get(key);
  if (alias === undefined) return existsSql([leaf], state);
  const sql = comparisonSql(path, leaf, { alias, contact: names.contact, timeZone: names.timeZone, push });
  const certain = key === undefined ? alias === names.contact : scope.certain.has(key);
  // A row that is not there has no value that could be missing.
  return !certain && meetMissing.has(leaf.operator ?? 'EQ') ? `(${alias}.id is not null and (${sql}))` : `(${sql})`;
}

/** Only comparisons with what is fixed can be null: EXISTS and `is not true` never are. */
function isNullable(condition: Condition, names: ConditionNames): boolean {
  if (condition.all) return condition.all.some((each) => isNullable(each, names));
  if (condition.any) return condition.any.some((each) => isNullable(each, names));
  return condition.field != null && wayOf(pathOf(condition), names).length === 0;
}

interface Part {
  sql: string;
  nullable: boolean;
}

/** The parts of an `all`: those that speak of the same objects, directly or through an `any`, become one EXISTS. */
function allParts(children: readonly Condition[], state: State): Part[] {
  return connected(children, state.names).flatMap((group) => {
    if (group.roots.size > 0) return [{ sql: existsSql(group.children, state), nullable: false }];
    return group.children.map((each) => ({ sql: compile(each, state, noScope), nullable: isNullable(each, state.names) }));
  });
}

interface Group {
  roots: Set<string>;
  children: Condition[];
}

/** Children that share a type, joined through those that speak of several; each other child for itself. */
function connected(children: readonly Condition[], names: ConditionNames): Group[] {
  let groups: Group[] = [];
  for (const child of children) {
    const roots = waysIn(child, names).map(([root = '']) => root);
    const touching = groups.filter((group) => roots.some((root) => group.roots.has(root)));
    const merged: Group = {
      roots: new Set([...touching.flatMap((group) => [...group.roots]), ...roots]),
      children: [...touching.flatMap((group) => group.children), child],
    };
    groups = [...groups.filter((group) => !touching.includes(group)), merged];
  }
  return groups;
}

/** `exists (select from the objects that these conditions speak of where all of them hold)`. */
function existsSql(children: readonly Condition[], state: State): string {
  const { names } = state;
  const certain = new Set(children.filter((each) => each.field != null).flatMap((each) => wayOf(pathOf(each), names)));
  const keys = new Set(children.flatMap((each) => waysIn(each, names)).flat());
  const aliases = new Map([...keys].map((key) => [key, `cond${++state.aliases}`]));
  const inner = [...keys].filter((key) => certain.has(key));
  const table = (key: string) => `${tableOf(key)} ${aliases.get(key)}`;
  // Where nothing is certain to be there, one row without objects stands for "none chosen".
  const from = inner.length > 0 ? inner.map(table).join(' cross join ') : '(values (1)) one (row)';
  const joins = [...keys].filter((key) => !certain.has(key)).map((key) => ` left join ${table(key)} on ${linkSql(key, aliases, names)}`);
  const links = inner.map((key) => linkSql(key, aliases, names));
  const conditions = children.map((each) => compile(each, state, { aliases, certain }));
  return `exists (select from ${from}${joins.join('')} where ${[...links, ...conditions].join(' and ')})`;
}

/** The ways to the objects that a part of an `all` speaks of: its own, or those of its alternatives. */
function waysIn(condition: Condition, names: ConditionNames): string[][] {
  if (condition.any) return condition.any.flatMap((each) => waysIn(each, names));
  if (condition.field == null) return [];
  const way = wayOf(pathOf(condition), names);
  return way.length > 0 ? [way] : [];
}

/** The objects on the way from what is fixed to the one that has the field, by their steps: ['account', 'account.wallet']. */
function wayOf({ steps }: FieldPath, names: ConditionNames): string[] {
  const keys = steps.map((_, index) => steps.slice(0, index + 1).join('.'));
  return isFixed(steps[0] ?? '', names) ? keys.slice(1) : keys;
}

function isFixed(head: string, names: ConditionNames): boolean {
  if (head === eventType.name) return names.event !== undefined;
  return head === 'contact' || head === names.object?.type || (head === 'account' && names.account !== undefined);
}

function fixedAlias(head: string, names: ConditionNames): string {
  if (head === names.object?.type) return names.object.alias;
  if (head === eventType.name && names.event !== undefined) return names.event;
  return head === 'account' && names.account !== undefined ? names.account : names.contact;
}

function tableOf(key: string): string {
  const steps = key.split('.');
  return typeOf(lastRelation(steps)?.to ?? key).storage;
}

/** How an object belongs to what it is reached from: the contact, or the object one step before. */
function linkSql(key: string, aliases: ReadonlyMap<string, string>, names: ConditionNames): string {
  const alias = aliases.get(key);
  const steps = key.split('.');
  const relation = lastRelation(steps);
  if (!relation)
    return `${alias}.contact_id = ${names.contact}.id${tableOf(key) === 'account' ? '' : ` and ${alias}.type = ${literal(key)}`}`;
  const parent = steps.slice(0, -1).join('.');
  return relationLink(relation, alias ?? '', aliases.get(parent) ?? fixedAlias(parent, names));
}

function pathOf(leaf: Condition): FieldPath {
  const path = resolvePath(leaf.field ?? '')?.path;
  if (!path) throw new Error(`The condition's field ${leaf.field} is not in the catalogue`);
  return path;
}
