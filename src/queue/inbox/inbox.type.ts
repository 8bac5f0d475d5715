import { Field, ID, Int, ObjectType, registerEnumType } from 'type-graphql';
import { QueueEntryType } from '../entry.type.js';

export const InboxEventKind = { ADDED: 'ADDED', CHANGED: 'CHANGED', REMOVED: 'REMOVED', RESYNC: 'RESYNC', SYNCED: 'SYNCED' } as const;
registerEnumType(InboxEventKind, {
  name: 'InboxEventKind',
  description: 'What happened in an inbox.',
  valuesConfig: {
    ADDED: { description: 'An entry is in the inbox.' },
    CHANGED: { description: 'An entry was completed or viewed.' },
    REMOVED: { description: 'An entry left the inbox: removed, rejected, retracted or expired.' },
    RESYNC: {
      description:
        "Changes after the client's cursor are no longer known, or another choice of systems feeds the inbox now: what follows begins anew, as without `after`. Forget what you had.",
    },
    SYNCED: { description: 'The first listing or the replay is over: what follows is live.' },
  },
});

@ObjectType('InboxEvent', { simpleResolvers: true, description: "A step in the life of a contact's inbox." })
export class InboxEventType {
  @Field(() => InboxEventKind, { description: 'What happened.' })
  kind!: keyof typeof InboxEventKind;

  @Field(() => String, { description: 'Give that of the last event handled as `after` to go on from here.' })
  cursor!: string;

  @Field(() => ID, { nullable: true, description: 'Which entry.' })
  entryId?: string | null;

  @Field(() => QueueEntryType, { nullable: true, description: 'The entry as this change left it; null for REMOVED, RESYNC and SYNCED.' })
  entry?: QueueEntryType | null;

  @Field(() => Int, { description: 'PENDING entries in the inbox now.' })
  pendingCount!: number;

  @Field(() => Int, { description: 'Entries in the inbox now that nobody has viewed.' })
  unviewedCount!: number;
}
