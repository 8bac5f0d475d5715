import type { Context } from '../../context.js';
import { first, rows } from '../../database/sql.js';
import type { CauseMessage } from '../../generate/message.js';

export interface Plan {
  id: string;
  name: string;
  code: string;
  description: string | null;
  expiresAt: Date | null;
  includeSegmentIds: string[];
  excludeSegmentIds: string[];
  applyDirectMarketingPreference: boolean;
  applyAffiliateMarketingPreference: boolean;
  createdAt: Date;
}

export const planColumns = `p.id, p.name, p.code, p.description, p.expires_at as "expiresAt", p.include_segment_ids as "includeSegmentIds",
  p.exclude_segment_ids as "excludeSegmentIds", p.apply_direct_marketing as "applyDirectMarketingPreference",
  p.apply_affiliate_marketing as "applyAffiliateMarketingPreference", p.created_at as "createdAt"`;

export async function loadPlan(ctx: Context, id: string): Promise<Plan | null> {
  return (await first<Plan>(ctx, `select ${planColumns} from plan p where p.id = $1`, [id])) ?? null;
}

export async function planMessages(ctx: Context, planId: string): Promise<CauseMessage[]> {
  return await rows<CauseMessage>(
    ctx,
    `select medium, template_id as "templateId", content_id as "contentId", external_system_id as "externalSystemId", category_id as "categoryId", address_type as "addressType"
     from plan_message where plan_id = $1 order by place`,
    [planId],
  );
}
