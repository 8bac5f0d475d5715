import {
  type DocumentNode,
  type ExecutionResult,
  type GraphQLSchema,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql';
import type { Role } from '../access/viewer.js';
import type { Tail } from '../changes/tail.js';
import type { Context } from '../context.js';
import { type Gathering, gather, MustBeAlone } from './gather.js';
import { inTransaction } from './request.js';

/**
 * Put into the `extensions` of a mutation that may be committed together with others (performance.md 11): for callers of
 * these roles, where it stands alone in its operation and selects objects of these names only, all made from rows at hand.
 */
export interface MayBeTogether {
  roles: readonly Role[];
  objects: readonly string[];
}

/**
 * Put into the `extensions` of a mutation: where nothing but fields of these names is selected, the answer is made of what is at hand and
 * cannot fail, so that its last statement may be committed by itself (`Context.isLast`).
 */
export interface MayCommitItself {
  sure: readonly string[];
}

/** One mutation that is ready to be executed in whichever transaction. */
export interface Passenger {
  context: Context;
  /** Its answer cannot fail once its work is done. */
  isSure: boolean;
  /** Executes it in the transaction of `context`. */
  run(): Promise<ExecutionResult>;
  /** Executes it in a transaction of its own, anew. */
  alone(): Promise<ExecutionResult>;
}

const mostTogether = 200;
/** Transactions at a time: some are executed while others wait for the disk. Of calls with many items each, more than two keep both processors of a small machine busy. */
const mostFlights = 4;

interface Waiting extends Passenger {
  answer(result: Promise<ExecutionResult> | ExecutionResult): void;
}

interface Platform {
  waiting: Waiting[];
  flights: number;
  called: boolean;
}

/** By the process' tail: tests have several applications in one process. */
const platforms = new WeakMap<Tail, Platform>();

/** Whether this operation is one that may be committed with others. */
export function mayBeTogether(schema: GraphQLSchema, document: DocumentNode, operation: OperationDefinitionNode, role: Role): boolean {
  const [field, ...more] = operation.selectionSet.selections;
  if (operation.operation !== 'mutation' || operation.directives?.length || more.length > 0) return false;
  if (field?.kind !== Kind.FIELD || field.directives?.length || !field.selectionSet) return false;
  const may = schema.getMutationType()?.getFields()[field.name.value]?.extensions['together'] as MayBeTogether | undefined;
  return may?.roles.includes(role) === true && selectsOnly(document, field.selectionSet, may.objects);
}

function selectsOnly(document: DocumentNode, set: SelectionSetNode, objects: readonly string[]): boolean {
  return set.selections.every((each) => {
    if (each.kind === Kind.FIELD)
      return !each.selectionSet || (objects.includes(each.name.value) && selectsOnly(document, each.selectionSet, objects));
    if (each.kind === Kind.INLINE_FRAGMENT) return selectsOnly(document, each.selectionSet, objects);
    const fragment = document.definitions.find((other) => other.kind === Kind.FRAGMENT_DEFINITION && other.name.value === each.name.value);
    return fragment?.kind === Kind.FRAGMENT_DEFINITION && selectsOnly(document, fragment.selectionSet, objects);
  });
}

const sureOnes = new WeakMap<OperationDefinitionNode, boolean>();

/** Whether the answer of this operation, a single mutation, cannot fail once its work is done. */
export function isSure(schema: GraphQLSchema, operation: OperationDefinitionNode): boolean {
  let sure = sureOnes.get(operation);
  if (sure === undefined) {
    const [field] = operation.selectionSet.selections;
    const mutation = field?.kind === Kind.FIELD ? schema.getMutationType()?.getFields()[field.name.value] : undefined;
    const names = (mutation?.extensions as Partial<MayCommitItself> | undefined)?.sure;
    sure = names !== undefined && field?.kind === Kind.FIELD && selectsFields(field.selectionSet, names);
    sureOnes.set(operation, sure);
  }
  return sure;
}

function selectsFields(set: SelectionSetNode | undefined, names: readonly string[]): boolean {
  return (set?.selections ?? []).every(
    // A directive's variable may be null, which is told only when the selection is carried out.
    (each) =>
      each.kind === Kind.FIELD && !each.directives?.length && names.includes(each.name.value) && selectsFields(each.selectionSet, names),
  );
}

/**
 * Group commit: what arrives while others are being committed goes with the next transaction, each answered on its own. Nobody
 * waits for a timer, for a row that another transaction holds, or for the mistake of another: who cannot go along goes alone.
 */
export async function commitTogether(passenger: Passenger): Promise<ExecutionResult> {
  const { tail } = passenger.context;
  const platform = platforms.get(tail) ?? { waiting: [], flights: 0, called: false };
  platforms.set(tail, platform);
  return await new Promise((answer) => {
    platform.waiting.push({ ...passenger, answer });
    call(platform);
  });
}

/** After the sockets that have something to say now have been read. */
function call(platform: Platform): void {
  if (platform.called || platform.flights >= mostFlights || platform.waiting.length === 0) return;
  platform.called = true;
  setImmediate(() => {
    platform.called = false;
    platform.flights += 1;
    void fly(platform.waiting.splice(0, mostTogether)).finally(() => {
      platform.flights -= 1;
      call(platform);
    });
    call(platform);
  });
}

/** Never rejects: what goes wrong together is done again alone, and says there what is wrong. */
async function fly(group: readonly Waiting[]): Promise<void> {
  const landed = new Map<Waiting, ExecutionResult>();
  try {
    const gathering = gather(group.map((each) => each.context));
    const [first, ...others] = group.map((each) => each.context);
    if (!first) return;
    const committed = await inTransaction(
      first,
      async () => {
        const outcomes = await Promise.all(group.map((each) => outcomeOf(each, gathering)));
        for (const { waiting, result } of outcomes) if (result) landed.set(waiting, result);
        return outcomes.every((each) => !each.spoilt);
      },
      { others, isLast: group.every((each) => each.isSure) },
    );
    if (!committed) landed.clear();
  } catch {
    landed.clear();
  }
  for (const each of group) each.answer(landed.get(each) ?? each.alone());
}

/** `result` where it is settled; `spoilt` where the transaction holds what must be taken back. */
async function outcomeOf(waiting: Waiting, gathering: Gathering) {
  const result = await gathering.of(waiting.context, () => waiting.run());
  if (!result.errors) return { waiting, result, spoilt: false };
  // A mistake that is found before anything is changed concerns nobody else.
  if (gathering.hasChanged(waiting.context)) return { waiting, result: undefined, spoilt: true };
  const alone = result.errors.some((each) => each.originalError instanceof MustBeAlone);
  return { waiting, result: alone ? undefined : { errors: result.errors, data: null }, spoilt: false };
}
