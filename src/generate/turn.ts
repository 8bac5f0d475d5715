/**
 * Whose chunk is next, of several open runs: the one that has had least. A chunk of a campaign counts four times as much as one
 * of a notification run, so these overtake campaigns, and a campaign still gets every fifth chunk: it never starves (E8x).
 */
export const strideSql = 'case when notification_type_id is null then 4 else 1 end';

export function turnOrder(alias: string): string {
  return `${alias}.turn, ${alias}.notification_type_id is null, ${alias}.seq`;
}

/** Who joins, or comes back from a pause, has no claim to what the others had meanwhile. */
export const caughtUpSql = `greatest(turn, coalesce((select min(o.turn) from run o where o.state = 'RUNNING'), 0))`;
