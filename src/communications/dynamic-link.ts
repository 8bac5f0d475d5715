import { applyLinkAction, type LinkUse } from '../audience/link-action.js';
import { type DynamicLinkToken, type LinkKey, noCommunication, readToken } from '../content/links/token.js';
import type { Context } from '../context.js';
import { first } from '../database/sql.js';
import { isOfServiceRequest } from '../settings/dynamic-links.js';
import { readSettings } from '../settings/settings.js';

/** A link that is ours and still good, with what its page shows. */
export interface OpenedLink {
  token: DynamicLinkToken;
  contact: { externalId: string; name: string; email: string | null; phone: string | null; preferredLanguage: string | null };
  /** What of a service request is accepted. */
  request: { number: string | null; response: string | null; respondedBy: string | null; respondedOn: string | null } | null;
  redirectUrl: string | null;
  /** It stands in a preview, or in a test that was sent to somebody else: following it does nothing. */
  isPreview: boolean;
}

/** INVALID: not ours, or changed; nobody is told which. GONE: the contact or the service request is not there any more. */
export type LinkProblem = 'INVALID' | 'EXPIRED' | 'GONE' | 'PREVIEW';

/** Looks at a link and changes nothing. */
export async function openDynamicLink(ctx: Context, text: string): Promise<OpenedLink | LinkProblem> {
  const { linkKeys, dynamicLinks } = await readSettings(ctx);
  const token = readToken(text, believedKeys(ctx, linkKeys));
  if (!token) return 'INVALID';
  const found = await first<OpenedLink['contact'] & { expired: boolean; isTest: boolean; request: OpenedLink['request'] }>(
    ctx,
    `select c.external_id as "externalId", c.name, c.email, c.phone, c.preferred_language as "preferredLanguage",
       coalesce(to_timestamp($2::bigint) <= clock_timestamp(), false) as expired,
       exists (select from communication m where m.id = $4 and m.origin = 'TEST') as "isTest",
       case when o.id is not null then jsonb_build_object('number', o.number, 'response', o.fields ->> 'response_description',
         'respondedBy', o.fields ->> 'responded_by', 'respondedOn', o.fields ->> 'response_date') end as request
     from contact c left join business_object o on o.id = $3 and o.contact_id = c.id and o.type = 'service_request'
     where c.id = $1`,
    [token.contactId, token.expiresAt, token.objectId, token.communicationId],
  );
  if (found?.expired) return 'EXPIRED';
  if (!found || (isOfServiceRequest(token.action) && !found.request)) return 'GONE';
  const { expired: _, isTest, request, ...contact } = found;
  return {
    token,
    contact,
    request,
    redirectUrl: dynamicLinks.links[token.action]?.redirectUrl ?? null,
    isPreview: isTest || token.communicationId === noCommunication,
  };
}

/** Links signed with keys older than these are refused; see rotateLinkKey. */
export function believedKeys({ secrets }: Pick<Context, 'secrets'>, { current, oldest }: { current: number; oldest: number }): LinkKey {
  return (id) => (id >= oldest && id <= current ? secrets.link(id) : undefined);
}

/** Does what the link says, in the caller's transaction; any number of times comes to the same. */
export async function followDynamicLink(
  ctx: Context,
  text: string,
  evidence: LinkUse['evidence'],
): Promise<(OpenedLink & { changed: boolean }) | LinkProblem> {
  const opened = await openDynamicLink(ctx, text);
  if (typeof opened === 'string') return opened;
  if (opened.isPreview) return 'PREVIEW';
  const { action, contactId, communicationId, objectId } = opened.token;
  const changed = await applyLinkAction(ctx, { action, contactId, communicationId, objectId, evidence });
  return changed === undefined ? 'GONE' : { ...opened, changed };
}
