import { type HasEntityManager, rows } from '../../database/sql.js';

/** Events of a type that somebody listens to. */
export interface Listened {
  types: string[];
  names: string[];
}

/** Which of the events that an upsert of these types may imply are listened to. Asked once a call: the others cost nothing. */
export async function listenedTo(ctx: HasEntityManager, types: readonly string[]): Promise<Listened> {
  const found = await rows<{ type: string; name: string }>(
    ctx,
    `select distinct object_type as type, name from event_listener
     where object_type = any($1::text[]) and name in ('created', 'updated', 'state_changed')`,
    [types],
  );
  return { types: found.map((each) => each.type), names: found.map((each) => each.name) };
}

/** What a statement of the merge adds to imply events: columns that its rows return, and steps behind it. */
export interface Implying {
  /** SQL of the rows before and after, for RETURNING; `before` is null for new ones. */
  returning: string;
  /** Further steps of the WITH, behind one called `changed` that returned these. */
  steps(parameters: unknown[]): string;
}

const silent: Implying = { returning: '', steps: () => '' };

/** Whom and what an event concerns, of the row `after` of each table. */
const subjects: Readonly<Record<string, string>> = {
  contact: `'contact' as object_type, c.id as contact_id, null::uuid as account_id, null::uuid as object_id, null::jsonb as object_row,
    null::jsonb as account_row, c.after as contact_row`,
  account: `'account' as object_type, (c.after ->> 'contact_id')::uuid as contact_id, c.id as account_id, null::uuid as object_id,
    null::jsonb as object_row, c.after as account_row, null::jsonb as contact_row`,
  business_object: `c.after ->> 'type' as object_type, (c.after ->> 'contact_id')::uuid as contact_id, (c.after ->> 'account_id')::uuid as account_id,
    c.id as object_id, c.after as object_row, (select to_jsonb(a) from account a where a.id = (c.after ->> 'account_id')::uuid) as account_row,
    null::jsonb as contact_row`,
};

/**
 * Events that a merge implies, written by the merge's own statement with the rows as it leaves them (AMB-3): created; updated,
 * with what changed; state_changed, from and to. `row` is the alias of the written row, `before` SQL of the one before.
 */
export function implying(table: string, listened: Listened, row: string, before: string): Implying {
  if (listened.names.length === 0) return silent;
  return {
    returning: `, ${row}.id, ${before} as before, to_jsonb(${row}) as after`,
    steps(parameters) {
      const at = parameters.length;
      parameters.push(listened.types, listened.names);
      return `, subjects as materialized (
          select c.before, c.after, ${subjects[table]} from changed c
        ), told as (
          insert into event (object_type, name, contact_id, account_id, object_id, payload, object_row, account_row, contact_row)
          select s.object_type, l.name, s.contact_id, s.account_id, s.object_id,
            case l.name when 'updated' then event_change(s.before, s.after)
              when 'state_changed' then jsonb_build_object('from', event_state(s.before), 'to', event_state(s.after)) else '{}' end,
            s.object_row, s.account_row, s.contact_row
          from subjects s join unnest($${at + 1}::text[], $${at + 2}::text[]) as l (type, name) on l.type = s.object_type
          where case l.name when 'created' then s.before is null when 'updated' then s.before is not null
            else s.before is not null and event_state(s.before) is distinct from event_state(s.after) end
          returning seq
        ), waiting as (
          insert into event_waiting select seq from told
        )`;
    },
  };
}
