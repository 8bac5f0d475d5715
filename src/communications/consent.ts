/**
 * What refuses a communication now, as SQL: the preferences that its run applies (a retry keeps those of the one that it tries
 * again), or those that its rule applied when it was made or applies now, against what its contact `k` says at this moment. A
 * rule may be deleted by then: the communication has its own copy.
 */
export const refusalSql = {
  /** Behind `communication c`. */
  joins: `left join run r on r.id = coalesce(c.run_id, c.consent_run_id)
     left join rule l on l.id = c.rule_id`,
  direct: `coalesce((r.settings->>'applyDirectMarketing')::boolean, c.asks_direct_marketing or l.apply_direct_marketing, false) and not k.direct_marketing`,
  affiliate: `coalesce((r.settings->>'applyAffiliateMarketing')::boolean, c.asks_affiliate_marketing or l.apply_affiliate_marketing, false) and not k.affiliate_marketing`,
};
