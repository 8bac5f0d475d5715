import { randomUUID } from 'node:crypto';
import DataLoader from 'dataloader';
import type { Viewer } from '../access/viewer.js';
import type { Context, Services, Work } from '../context.js';
import type { Orm } from '../database/orm.js';

const requestIds = new WeakMap<object, string>();
/** By the entity manager: Apollo hands resolvers a copy of the context, which has the same one. */
const pendingActions = new WeakMap<Context['em'], (() => void)[]>();

/** Operations whose work is all that their transaction writes. */
const lastOnes = new WeakSet<Context['em']>();

const gatherings = new WeakMap<Context['em'], Pick<Context, 'together'>>();

/** From now on the operation's work is done with that of others; undefined: alone again. */
export function setGathering({ em }: Context, gathering: Pick<Context, 'together'> | undefined): void {
  if (gathering) gatherings.set(em, gathering);
  else gatherings.delete(em);
}

/** Makes contexts: one for each request, each event of a subscription and each job. */
export type OpenContext = (viewer: Viewer) => Context;

type Own = Omit<Context, keyof Services>;

/**
 * Makes the contexts of one process. They are small, because most events of a subscription need nothing but to say who asks: the
 * services stand in their prototype. The entity manager is forked with `useContext`: without it, work done inside a transaction
 * through `ctx.em` would be committed although the mutation threw (style.md).
 */
export function contextsOf(services: Services, orm: Orm): OpenContext {
  class RequestContext implements Own {
    private forked: Context['em'] | undefined = undefined;
    private loaders: Map<string, DataLoader<unknown, unknown>> | undefined = undefined;

    constructor(readonly viewer: Viewer) {}

    /** Forked when it is first used: most events of a subscription are answered without the database. */
    get em(): Context['em'] {
      this.forked ??= orm.em.fork({ useContext: true });
      return this.forked;
    }

    get isLast(): boolean {
      return lastOnes.has(this.em);
    }

    afterCommit(action: () => void): void {
      const pending = pendingActions.get(this.em);
      if (pending) pending.push(action);
      else action();
    }

    async together<Item, Outcome>(name: string, items: readonly Item[], work: Work<Item, Outcome>): Promise<readonly Outcome[]> {
      const gathering = gatherings.get(this.em);
      if (gathering) return await gathering.together(name, items, work);
      const [outcomes] = await work(this as unknown as Context, [{ viewer: this.viewer, items }]);
      if (!outcomes) throw new Error(`Work that is alone is done: ${name}`);
      return outcomes;
    }

    loader<Key, Value>(name: string, load: (ctx: Context, keys: readonly Key[]) => Promise<(Value | Error)[]>): DataLoader<Key, Value> {
      this.loaders ??= new Map();
      let loader = this.loaders.get(name) as DataLoader<Key, Value> | undefined;
      if (!loader) {
        loader = new DataLoader<Key, Value>((keys) => load(this as unknown as Context, keys));
        this.loaders.set(name, loader as DataLoader<unknown, unknown>);
      }
      return loader;
    }
  }
  Object.setPrototypeOf(RequestContext.prototype, services);
  // The services are in its prototype.
  return (viewer) => new RequestContext(viewer) as unknown as Context;
}

/** The same operation, asked by somebody else: in the same transaction. */
export function asViewer(context: Context, viewer: Viewer): Context {
  return Object.create(context, { viewer: { value: viewer }, em: { value: context.em } }) as Context;
}

/** What a caller quotes when something went wrong on our side. */
export function requestIdOf(context: Context): string {
  let id = requestIds.get(context);
  if (!id) {
    id = randomUUID().slice(0, 13);
    requestIds.set(context, id);
  }
  return id;
}

class TakenBack extends Error {}

/**
 * Runs `work` in one transaction of `context`: committed when it answers true, taken back when it answers false or throws.
 * What was deferred with `afterCommit` runs after the commit, or never. Answers whether it was committed. `others` are in the
 * same transaction while `work` goes on. `isLast`: see Context.
 */
export async function inTransaction(
  context: Context,
  work: (context: Context) => Promise<boolean>,
  { others = [], isLast = false }: { others?: readonly Context[]; isLast?: boolean } = {},
): Promise<boolean> {
  const pending: (() => void)[] = [];
  const all = [context, ...others];
  for (const { em } of all) {
    pendingActions.set(em, pending);
    if (isLast) lastOnes.add(em);
  }
  try {
    await context.em.transactional(async () => {
      if (!(await work(context))) throw new TakenBack();
    });
  } catch (error) {
    if (error instanceof TakenBack) return false;
    throw error;
  } finally {
    for (const { em } of all) {
      pendingActions.delete(em);
      lastOnes.delete(em);
    }
  }
  for (const action of pending) action();
  return true;
}

/** A job's transaction: its result, once committed. */
export async function transact<T>(context: Context, work: (context: Context) => Promise<T>): Promise<T> {
  let result: { value: T } | undefined;
  await inTransaction(context, async () => {
    result = { value: await work(context) };
    return true;
  });
  if (!result) throw new Error('A committed transaction has a result');
  return result.value;
}
