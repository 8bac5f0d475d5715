import { z } from 'zod';
import { takeTurns } from '../database/lock.js';
import { affected, type HasEntityManager, rows } from '../database/sql.js';
import { Medium } from '../graphql/medium.js';
import { DynamicLinks, LinkKeys } from './link-settings.js';
import { Tracking } from './tracking-settings.js';

const byMedium = z.partialRecord(z.enum(Medium), z.int().positive().nullable());

/** What operators set at run time: one row of `setting` each, where it differs from its default. */
const shape = {
  /** Characters at most, by medium; null or absent: as many as one likes. */
  characterLimits: byMedium.default({ SMS: 160 }),
  /** How many SMS one text may take, in place of the limit of characters; null: that limit counts. */
  smsMaxSegments: z.int().positive().nullable().default(null),
  /** Languages that contents may be in; empty: any. */
  supportedLanguages: z.array(z.string()).default([]),
  /** Countries whose national phone numbers are understood, by ISO 3166, in the order in which they are tried; none: international ones only. */
  countries: z.array(z.string()).default([]),
  /** When communications expire that bring no date, in hours, by medium; null or absent: never. */
  lifetimeHours: byMedium.default({}),
  /** What a new contact consents to where the CRM says nothing. */
  directMarketingDefault: z.boolean().default(true),
  affiliateMarketingDefault: z.boolean().default(true),
  /** Links with which readers change their data (D1 to D15). */
  dynamicLinks: DynamicLinks.default(DynamicLinks.parse({})),
  /** Whether links in texts are replaced by short ones, by medium (H1). */
  shortenUrls: z.partialRecord(z.enum(Medium), z.boolean().nullable()).default({}),
  /** What is learned of what readers do (V1 to V5). */
  tracking: Tracking.default(Tracking.parse({})),
  /** Which of the keys derived from SECRET_KEY sign links. */
  linkKeys: LinkKeys.default({ current: 1, oldest: 1 }),
};
const Settings = z.object(shape);
export type Settings = Readonly<z.output<typeof Settings>>;
const names = Object.keys(shape) as (keyof Settings)[];

export const defaultSettings: Settings = Settings.parse({});

/** Other processes see a change this much later at most. */
const keptMs = 2_000;
const cache = new WeakMap<object, { until: number; settings: Settings }>();
/** Transactions that changed settings: what they read is theirs alone until they commit, or never comes to be. */
const changing = new WeakSet<object>();

/** The settings of the database, a moment old at most. */
export async function readSettings(ctx: HasEntityManager): Promise<Settings> {
  const database = ctx.em.getConnection();
  const transaction: object | undefined = ctx.em.getTransactionContext();
  if (transaction && changing.has(transaction)) return await load(ctx);
  const kept = cache.get(database);
  if (kept && kept.until > performance.now()) return kept.settings;
  const settings = await load(ctx);
  cache.set(database, { until: performance.now() + keptMs, settings });
  return settings;
}

/** Keeps what is given; undefined leaves a setting as it is, and its default is not kept. Answers all of them as they are then. */
export async function writeSettings(
  ctx: HasEntityManager & { afterCommit(action: () => void): void },
  change: (before: Settings) => Partial<Settings>,
): Promise<Settings> {
  await takeTurns(ctx, 'settings');
  const transaction: object | undefined = ctx.em.getTransactionContext();
  if (transaction) changing.add(transaction);
  const before = await load(ctx);
  const after = Settings.parse({ ...before, ...change(before) });
  const own = names.filter((name) => JSON.stringify(after[name]) !== JSON.stringify(defaultSettings[name]));
  await affected(ctx, 'delete from setting where name = any($1::text[])', [names]);
  await affected(ctx, 'insert into setting (name, value) select name, value from unnest($1::text[], $2::jsonb[]) as s (name, value)', [
    own,
    own.map((name) => JSON.stringify(after[name])),
  ]);
  const database = ctx.em.getConnection();
  ctx.afterCommit(() => cache.delete(database));
  return after;
}

async function load(ctx: HasEntityManager): Promise<Settings> {
  const found = await rows<{ name: string; value: unknown }>(ctx, 'select name, value from setting where name = any($1::text[])', [names]);
  return Settings.parse(Object.fromEntries(found.map(({ name, value }) => [name, value])));
}
