import { Migration20261122000100_ground } from './Migration20261122000100_ground.js';
import { Migration20261122000200_audience } from './Migration20261122000200_audience.js';
import { Migration20261122000300_content } from './Migration20261122000300_content.js';
import { Migration20261122000400_communications } from './Migration20261122000400_communications.js';
import { Migration20261122000500_generate } from './Migration20261122000500_generate.js';
import { Migration20261122000600_agenda } from './Migration20261122000600_agenda.js';
import { Migration20261122000700_catalogue } from './Migration20261122000700_catalogue.js';
import { Migration20261122000800_words } from './Migration20261122000800_words.js';
import { Migration20261122000900_causes } from './Migration20261122000900_causes.js';
import { Migration20261122001000_notifications } from './Migration20261122001000_notifications.js';
import { Migration20261122001100_rules } from './Migration20261122001100_rules.js';
import { Migration20261122001200_manual } from './Migration20261122001200_manual.js';
import { Migration20261122001300_plans } from './Migration20261122001300_plans.js';
import { Migration20261122001310_plan_messages } from './Migration20261122001310_plan_messages.js';
import { Migration20261122001400_links } from './Migration20261122001400_links.js';
import { Migration20261122001600_words2 } from './Migration20261122001600_words2.js';
import { Migration20261122001601_attributes } from './Migration20261122001601_attributes.js';
import { Migration20261122001700_systems } from './Migration20261122001700_systems.js';
import { Migration20261122001800_why } from './Migration20261122001800_why.js';
import { Migration20261122001810_sql_entry } from './Migration20261122001810_sql_entry.js';
import { Migration20261122001820_sql_entry_names } from './Migration20261122001820_sql_entry_names.js';
import { Migration20261122001830_system_users } from './Migration20261122001830_system_users.js';
import { Migration20261122001850_schedule_codes } from './Migration20261122001850_schedule_codes.js';
import { Migration20261122001900_tracking } from './Migration20261122001900_tracking.js';
import { Migration20261122001950_speed } from './Migration20261122001950_speed.js';
import { Migration20261122001951_sequencer } from './Migration20261122001951_sequencer.js';
import { Migration20261122002000_follow } from './Migration20261122002000_follow.js';
import { Migration20261122002001_follow_plan } from './Migration20261122002001_follow_plan.js';
import { Migration20261122002010_left } from './Migration20261122002010_left.js';
import { Migration20261122002011_systems_that_leave } from './Migration20261122002011_systems_that_leave.js';
import { Migration20261122002012_way_back } from './Migration20261122002012_way_back.js';
import { Migration20261122002020_causes_again } from './Migration20261122002020_causes_again.js';
import { Migration20261122002021_event_keys } from './Migration20261122002021_event_keys.js';
import { Migration20261122002022_rule_messages } from './Migration20261122002022_rule_messages.js';
import { Migration20261122002023_paused_schedules } from './Migration20261122002023_paused_schedules.js';
import { Migration20261122002024_retracted_retries } from './Migration20261122002024_retracted_retries.js';
import { Migration20261122002025_sql_entry_checks } from './Migration20261122002025_sql_entry_checks.js';
import { Migration20261122002030_run_speed } from './Migration20261122002030_run_speed.js';
import { Migration20261122002040_inbox_counts } from './Migration20261122002040_inbox_counts.js';

/** Every migration, in the order in which they are applied. Listed, not globbed, so that the compiled program needs no disk search. */
export const migrations = [
  Migration20261122000100_ground,
  Migration20261122000200_audience,
  Migration20261122000300_content,
  Migration20261122000400_communications,
  Migration20261122000500_generate,
  Migration20261122000600_agenda,
  Migration20261122000700_catalogue,
  Migration20261122000800_words,
  Migration20261122000900_causes,
  Migration20261122001000_notifications,
  Migration20261122001100_rules,
  Migration20261122001200_manual,
  Migration20261122001300_plans,
  Migration20261122001310_plan_messages,
  Migration20261122001400_links,
  Migration20261122001600_words2,
  Migration20261122001601_attributes,
  Migration20261122001700_systems,
  Migration20261122001800_why,
  Migration20261122001810_sql_entry,
  Migration20261122001820_sql_entry_names,
  Migration20261122001830_system_users,
  Migration20261122001850_schedule_codes,
  Migration20261122001900_tracking,
  Migration20261122001950_speed,
  Migration20261122001951_sequencer,
  Migration20261122002020_causes_again,
  Migration20261122002010_left,
  Migration20261122002021_event_keys,
  Migration20261122002022_rule_messages,
  Migration20261122002023_paused_schedules,
  Migration20261122002024_retracted_retries,
  Migration20261122002025_sql_entry_checks,
  Migration20261122002011_systems_that_leave,
  Migration20261122002012_way_back,
  Migration20261122002030_run_speed,
  Migration20261122002000_follow,
  Migration20261122002001_follow_plan,
  Migration20261122002040_inbox_counts,
];
