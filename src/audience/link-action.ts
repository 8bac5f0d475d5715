import type { Context } from '../context.js';
import { first, rows } from '../database/sql.js';
import type { DynamicLinkAction } from '../settings/dynamic-links.js';
import { upsertCrmRecords } from './upsert/upsert.js';

/** Who confirmed what, and how we know: kept for ever beside the contact, as evidence. */
export interface LinkUse {
  action: DynamicLinkAction;
  contactId: string;
  communicationId: string;
  objectId: string | null;
  evidence: { via: 'PAGE' | 'API'; caller: string | null; remoteAddress: string | null; userAgent: string | null };
}

/**
 * Does what the reader of a link confirmed, to that contact alone (D17), by the code that CRM records come in through. Doing it
 * again changes nothing; whether this time did is answered, and kept. Undefined where the contact or the service request is gone.
 */
export async function applyLinkAction(ctx: Context, use: LinkUse): Promise<boolean | undefined> {
  const contact = await first<{ externalId: string; name: string }>(
    ctx,
    'select external_id as "externalId", name from contact where id = $1 for no key update',
    [use.contactId],
  );
  const changed = contact && (await apply(ctx, use, contact));
  if (changed === undefined) return undefined;
  const { via, caller, remoteAddress, userAgent } = use.evidence;
  await rows(
    ctx,
    `insert into dynamic_link_use (contact_id, communication_id, object_id, action, changed, via, caller, remote_address, user_agent)
     select $1::uuid, $2::uuid, $3::uuid, $4, $5::boolean, $6, $7, $8, $9
     -- Who presses again and again, or makes a machine do it, leaves one row an hour.
     where $5 or not exists (select from dynamic_link_use u where u.contact_id = $1 and u.communication_id = $2 and u.action = $4 and not u.changed
       and u.at > clock_timestamp() - interval '1 hour')`,
    [use.contactId, use.communicationId, use.objectId, use.action, changed, via, caller, remoteAddress, userAgent?.slice(0, 300) ?? null],
  );
  return changed;
}

interface Person {
  externalId: string;
  name: string;
}

async function apply(ctx: Context, use: LinkUse, { externalId, name }: Person): Promise<boolean | undefined> {
  const update = async (change: object) => (await upsertCrmRecords(ctx, { contacts: [{ externalId, ...change }] })).updated > 0;
  switch (use.action) {
    case 'OPT_IN_DIRECT_MARKETING':
      return await update({ directMarketing: true });
    case 'OPT_OUT_DIRECT_MARKETING':
      return await update({ directMarketing: false });
    case 'OPT_IN_AFFILIATE_MARKETING':
      return await update({ affiliateMarketing: true });
    case 'OPT_OUT_AFFILIATE_MARKETING':
      return await update({ affiliateMarketing: false });
    case 'CONTACT_CONSENT_ACCEPTANCE':
      return await update({ fields: { personal_data_consent: true } });
    case 'CONTACT_CONSENT_REJECTION':
      return await update({ fields: { personal_data_consent: false } });
    case 'SERVICE_REQUEST_RESPONSE_ACCEPTANCE':
      return await accept(ctx, use, name, 'response');
    case 'SERVICE_REQUEST_TEMPORARY_RESOLUTION_ACCEPTANCE':
      return await accept(ctx, use, name, 'temporary_resolution');
    case 'SERVICE_REQUEST_FINAL_RESOLUTION_ACCEPTANCE':
      return await accept(ctx, use, name, 'final_resolution');
  }
}

/** The first acceptance stays; the CRM takes it away by clearing the field, when there is something new to accept. */
async function accept(
  ctx: Context,
  { objectId, contactId }: LinkUse,
  name: string,
  what: 'response' | 'temporary_resolution' | 'final_resolution',
): Promise<boolean | undefined> {
  const request = await first<{ externalId: string; accepted: boolean; now: Date }>(
    ctx,
    `select external_id as "externalId", coalesce(fields ->> $3, '') <> '' as accepted, clock_timestamp() as now
     from business_object where id = $1 and contact_id = $2 and type = 'service_request' for no key update`,
    [objectId, contactId, `${what}_accepted_at`],
  );
  if (!request) return undefined;
  if (request.accepted) return false;
  const fields = { [`${what}_accepted_at`]: request.now.toISOString(), [`${what}_accepted_by`]: name };
  await upsertCrmRecords(ctx, { objects: [{ type: 'service_request', externalId: request.externalId, fields }] });
  return true;
}
