import { Migration } from '@mikro-orm/migrations';

/** Categories; states, categories and units of templates; what uses what, for those who delete. */
export class Migration20261122000800_words extends Migration {
  override up(): void {
    this.addSql(`
      create table category (
        id uuid primary key default new_id(),
        name text not null unique,
        code text not null unique,
        description text,
        parent_id uuid references category (id),
        created_at timestamptz not null default clock_timestamp(),
        updated_at timestamptz not null default clock_timestamp()
      );
      create index category_parent on category (parent_id);

      alter table template
        add column state text not null default 'EFFECTIVE' check (state in ('DRAFT', 'EFFECTIVE', 'NOT_EFFECTIVE')),
        add column category_id uuid references category (id),
        -- Codes of business units; null: every unit.
        add column usable_by_units text[];
      update template set state = 'NOT_EFFECTIVE' where not effective;
      alter table template drop column effective;
      create index template_category on template (category_id) where category_id is not null;

      alter table plan_message add column category_id uuid references category (id);
      alter table communication add column category_id uuid;
      create index communication_category on communication (category_id, seq) where category_id is not null;

      -- Who uses a thing, in words: each cause that comes to know templates, segments or categories adds its own rows here.
      create view template_use (template_id, used_by) as
        select m.template_id, 'the plan ' || p.name from plan_message m join plan p on p.id = m.plan_id where m.template_id is not null
        union all
        select t.id, 'the draft CM' || lpad(c.seq::text, greatest(6, length(c.seq::text)), '0')
        from draft d join communication c on c.id = d.communication_id
        join template t on d.input ->> 'templateId' = 'tpl_' || replace(t.id::text, '-', '');

      create view segment_use (segment_id, used_by) as
        select s.id, 'the plan ' || p.name
        from plan p cross join lateral (select distinct unnest(p.include_segment_ids || p.exclude_segment_ids) as id) s;

      create view category_use (category_id, used_by) as
        select parent_id, 'the category ' || name from category where parent_id is not null
        union all
        select category_id, 'the template ' || name from template where category_id is not null
        union all
        select m.category_id, 'the plan ' || p.name from plan_message m join plan p on p.id = m.plan_id where m.category_id is not null
        union all
        select k.id, 'communications' from category k where exists (select from communication c where c.category_id = k.id);
    `);
  }

  override down(): void {
    this.addSql(`
      drop view category_use, segment_use, template_use;
      alter table communication drop column category_id;
      alter table plan_message drop column category_id;
      alter table template add column effective boolean not null default true;
      update template set effective = state = 'EFFECTIVE';
      alter table template drop column state, drop column category_id, drop column usable_by_units;
      drop table category;
    `);
  }
}
