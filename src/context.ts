import type { SqlEntityManager } from '@mikro-orm/postgresql';
import type DataLoader from 'dataloader';
import type { Logger } from 'pino';
import type { Viewer } from './access/viewer.js';
import type { AttachmentStore } from './attachments/store.js';
import type { Tail } from './changes/tail.js';
import type { Config } from './config.js';

/** How stages reach the clocks without importing the scheduler. */
export interface Clocks {
  /** Wakes us at `at` for the schedule; null forgets its alarm. Only a hint: the sweep finds what is overdue. */
  arm(scheduleId: string, at: Date | null): Promise<void>;
}

/** How stages wake what waits in this and other processes. Always a hint: whoever is rung looks at the tables. */
export interface Bells {
  /** The change log has grown. */
  changes(): void;
  /** There may be work: a run to generate, entries that the engine must send, events that rules listen to. */
  work(kind: 'run' | 'delivery' | 'event'): void;
}

/** What lives as long as the process and belongs to no request. */
export interface Services {
  readonly config: Config;
  readonly log: Logger;
  readonly clocks: Clocks;
  readonly bells: Bells;
  /** Where the bytes of attachments are. Spoken to between transactions, never in one. */
  readonly attachments: AttachmentStore;
  /** Every change of the log, as it comes. */
  readonly tail: Tail;
  /** A fresh context for that viewer: for each event of a subscription, and each round of a job. */
  readonly open: (viewer: Viewer) => Context;
  /** What every operation of a person's is carried out in: by the catalogue as the database has it now (catalogue/current.ts). */
  readonly within: <T>(ctx: Pick<Context, 'em' | 'viewer'>, work: () => Promise<T> | T) => Promise<T> | T;
  /** Secrets derived from SECRET_KEY, one for each purpose. */
  readonly secrets: {
    readonly jwt: Uint8Array;
    readonly cursor: Uint8Array;
    /** Signs links to printed pages. */
    readonly print: Uint8Array;
    /** Signs links to attachments. */
    readonly attachment: Uint8Array;
    /** The key with that id, which signs links; operators take another one from time to time. */
    readonly link: (id: number) => Uint8Array;
  };
  /** How the outside reaches this server, without a slash at the end. */
  readonly publicUrl: () => string;
  /** The seam for tests; decisions that must agree between processes use the database's clock instead. */
  readonly now: () => Date;
}

/** What one operation brings to a piece of work. */
export interface Part<Item> {
  readonly viewer: Viewer;
  readonly items: readonly Item[];
}

/** Answers each part; undefined for one that must not be done with the others (never where there is only one). */
export type Work<Item, Outcome> = (ctx: Context, parts: readonly Part<Item>[]) => Promise<readonly (readonly Outcome[] | undefined)[]>;

/**
 * What every function is handed: the caller, the entity manager with its transaction, and the services. One for each request,
 * event of a subscription, or job; never kept.
 */
export interface Context extends Services {
  readonly em: SqlEntityManager;
  readonly viewer: Viewer;
  /**
   * Whether the work at hand is all that is written, and the answer cannot fail after it: its last statement may be committed by itself
   * (`committing`, database/begin.ts).
   */
  readonly isLast: boolean;
  /** Runs `action` once the surrounding transaction has been committed; never when it is rolled back (a dry run). */
  afterCommit(action: () => void): void;
  /** Does `work` for these items, at once with what the operations bring that are committed with this one (graphql/together.ts). Mostly it is alone. */
  together<Item, Outcome>(name: string, items: readonly Item[], work: Work<Item, Outcome>): Promise<readonly Outcome[]>;
  /** The DataLoader of that name, made on first use. Batches the lookups of one request. */
  loader<Key, Value>(name: string, load: (ctx: Context, keys: readonly Key[]) => Promise<(Value | Error)[]>): DataLoader<Key, Value>;
}
