import { engine } from '../../access/viewer.js';
import { withCatalogue } from '../../catalogue/current.js';
import { loadContents } from '../../content/load.js';
import { loadTemplates } from '../../content/template.js';
import type { Context } from '../../context.js';
import { affected, rows } from '../../database/sql.js';
import { CallerError, Invalid } from '../../errors.js';
import { insertCommunications } from '../../generate/insert.js';
import { decidedSql } from '../../generate/match.js';
import { freezeMessages } from '../../generate/message.js';
import { withoutHarmful } from '../../generate/savepoint.js';
import { transact } from '../../graphql/request.js';
import { type Loop, startLoop } from '../../loop.js';

/** Requests are written by SQL, where no bell rings: they are seen this late at worst. */
const pollMs = 500;
const housekeepingMs = 60_000;
const batchSize = 500;
const keptDays = 30;
const mostPruned = 5_000;
/** The contact has just done something, and waits (E8x). */
const priority = 2;

/** Makes the communications that were asked for by SQL (XU3). Any number of processes may do it. */
export function startRequests({ log, open }: { log: Context['log']; open: Context['open'] }): Loop {
  const requests = startLoop({
    name: 'requests',
    log,
    everyMs: pollMs,
    round: async () => await withCatalogue(open(engine), async () => await transact(open(engine), carryOutRequests)),
  });
  const housekeeping = startLoop({
    name: 'old requests',
    log,
    everyMs: housekeepingMs,
    round: async () => await transact(open(engine), pruneRequests),
  });
  return {
    ring: () => requests.ring(),
    async stop() {
      await Promise.all([requests.stop(), housekeeping.stop()]);
    },
  };
}

/** Requests that become communications by one statement. */
interface Group {
  templateId: string;
  externalSystemId: string | null;
  objectType: string | null;
  expiresAt: Date | null;
  ids: string[];
}

/** Takes requests and makes what they ask for, all in one transaction. Answers whether there may be more. */
export async function carryOutRequests(ctx: Context): Promise<boolean> {
  const groups = await rows<Group>(
    ctx,
    `with taken as (
       select id, template_id, external_system_id, object_type, expires_at, seq from communication_request
       where state = 'WAITING' order by seq limit ${batchSize} for update skip locked
     )
     select template_id as "templateId", external_system_id as "externalSystemId", object_type as "objectType", expires_at as "expiresAt",
       array_agg(id order by seq) as ids
     from taken group by 1, 2, 3, 4 order by min(seq)`,
  );
  for (const { ids, ...group } of groups) {
    await withoutHarmful(
      ctx,
      ids,
      async (part) => await make(ctx, { ...group, ids: part }),
      async (part, error) => await fail(ctx, part, error),
    );
  }
  return groups.reduce((sum, each) => sum + each.ids.length, 0) === batchSize;
}

async function make(ctx: Context, { templateId, externalSystemId, objectType, expiresAt, ids }: Group): Promise<void> {
  const template = (await loadTemplates(ctx, [templateId])).get(templateId);
  if (!template) throw new Invalid([{ path: [], code: 'CANNOT_RUN', message: 'The template is not there any more.' }]);
  const cause = { medium: template.medium, templateId, contentId: null, externalSystemId, categoryId: null, addressType: null };
  const [message] = await freezeMessages(ctx, [cause], { expiresAt, path: [] });
  const content = (await loadContents(ctx, [message?.contentId ?? ''])).get(message?.contentId ?? '');
  if (!message || !content) throw new Error('A message that was frozen has content');
  const parameters: unknown[] = [ids];
  const asked = 'select r.id, r.contact_id, null::text as skip_reason from communication_request r where r.id = any($1::uuid[])';
  const consent = { applyDirectMarketing: false, applyAffiliateMarketing: false };
  const made = await rows<{ id: string }>(
    ctx,
    `with decided as (${decidedSql(asked, message, consent, parameters)}), written as (
       update communication_request r set state = case when d.reason is null then 'CREATED' else 'SKIPPED' end, reason = d.reason, language = d.language,
         address = d.address, communication_id = case when d.reason is null then new_id() end
       from decided d where r.id = d.id returning r.id, r.state
     )
     select id from written where state = 'CREATED'`,
    parameters,
  );
  if (made.length === 0) return;
  await insertCommunications(ctx, {
    picked: (
      list,
    ) => `select r.seq as ordinal, r.contact_id, r.account_id, r.object_id, r.language, r.address, r.communication_id as id, r.parameters as params
      from communication_request r where r.id = any($${list.push(made.map((each) => each.id))}::uuid[])`,
    carries: { id: true, params: true },
    medium: message.medium,
    content,
    origin: 'API',
    externalSystemId,
    categoryId: message.categoryId ?? null,
    runId: null,
    objectType,
    expiresAt: message.expiresAt ?? null,
    priority,
    limits: { characters: message.characterLimit, segments: message.segmentLimit ?? null },
  });
}

async function fail(ctx: Context, ids: readonly string[], error: Error): Promise<void> {
  const known = error instanceof CallerError;
  if (!known) ctx.log.error({ err: error, requests: ids.slice(0, 10) }, 'a communication that SQL asked for could not be made');
  const words = known ? error.message : 'Something went wrong on our side; the log has it.';
  await rows(ctx, `update communication_request set state = 'FAILED', reason = $2 where id = any($1::uuid[])`, [ids, words]);
}

/** Forgets what became of old requests; their communications stay. */
export async function pruneRequests(ctx: Context): Promise<boolean> {
  const pruned = await affected(
    ctx,
    `delete from communication_request where id in (
       select id from communication_request where requested_at < clock_timestamp() - make_interval(days => ${keptDays}) and state <> 'WAITING'
       order by requested_at limit ${mostPruned})`,
  );
  return pruned === mostPruned;
}
