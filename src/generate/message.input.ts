import { Field, ID, InputType } from 'type-graphql';
import { Medium } from '../catalogue/medium.js';
import type { ContentInput } from '../content/content.input.js';

/** What every kind of cause is told of what it says through one medium; templates and contents say themselves what they may speak of. */
@InputType()
export abstract class CauseMessageInput {
  @Field(() => Medium, { description: 'One that queues; each once.' })
  medium!: Medium;

  @Field(() => Boolean, { nullable: true, defaultValue: true, description: 'False keeps it without sending it.' })
  enabled?: boolean | null;

  @Field(() => ID, { nullable: true, description: 'Who processes it; absent: the engine itself.' })
  externalSystemId?: string | null;

  @Field(() => ID, { nullable: true, description: "What it is about for the business; default: the template's category." })
  categoryId?: string | null;

  @Field(() => String, {
    nullable: true,
    description: 'A type of e-mail address or phone that the contact must have; default: its primary one, of any type.',
  })
  addressType?: string | null;

  abstract templateId?: string | null;
  abstract content?: ContentInput[] | null;
}
