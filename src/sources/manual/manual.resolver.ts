import { Arg, Authorized, Ctx, FieldResolver, Int, Mutation, Resolver, Root } from 'type-graphql';
import { findContact, loadContact } from '../../audience/load.js';
import { CommunicationType } from '../../communications/communication.type.js';
import { seqOf } from '../../communications/filter.js';
import { keepingNotes } from '../../communications/note.js';
import type { CommunicationRow } from '../../communications/row.js';
import type { Context } from '../../context.js';
import { rows } from '../../database/sql.js';
import { InvalidStateTransition, Problems } from '../../errors.js';
import { publicId } from '../../graphql/node.js';
import { findSystemOfProvider } from '../../queue/systems.js';
import { deleteDraft, requireCommunication, takeDraft, versionLoader } from './draft.js';
import {
  CreateCommunicationInput,
  CreateCommunicationPayload,
  DeleteDraftInput,
  DeleteDraftPayload,
  FollowUpCommunicationInput,
  FollowUpCommunicationPayload,
  UpdateCommunicationInput,
  UpdateCommunicationPayload,
} from './manual.type.js';
import { mayBeFollowed } from './refer.js';
import { type WriteOptions, type Writing, writeCommunication } from './write.js';

interface Answer {
  communication: CommunicationRow;
}

@Resolver(() => CommunicationType)
export class ManualResolver {
  @Authorized('ADMIN', 'AGENT')
  @Mutation(() => CreateCommunicationPayload, {
    description: 'Writes to a contact, or records what was said. Media that queue are queued at once.',
  })
  async createCommunication(
    @Ctx() ctx: Context,
    @Arg('input', () => CreateCommunicationInput) input: CreateCommunicationInput,
  ): Promise<Answer> {
    return { communication: await create(ctx, input) };
  }

  @Authorized('ADMIN', 'AGENT')
  @Mutation(() => UpdateCommunicationPayload, { description: 'Changes a draft, or sends it.' })
  async updateCommunication(
    @Ctx() ctx: Context,
    @Arg('input', () => UpdateCommunicationInput) input: UpdateCommunicationInput,
  ): Promise<Answer> {
    const { row, input: before, version } = await takeDraft(ctx, input);
    // Written anew under its old name: sending a draft is then the same as sending at once.
    const contact = await loadContact(ctx, row.contactId);
    const byAdministrator = input.body == null ? before.byAdministrator === true : ctx.viewer.role === 'ADMIN';
    const writing = { ...merged(before, input), byAdministrator };
    return {
      communication: await keepingNotes(ctx, row.id, async () => {
        await rows(ctx, 'delete from communication where id = $1', [row.id]);
        return await writeCommunication(ctx, {
          contact,
          writing,
          asDraft: input.saveAsDraft ?? true,
          // Where it referred to the other communication itself, what it refers to now decides.
          followUpOf: before.referringTo?.type.toLowerCase() === 'communication' ? null : row.followUpOfId,
          as: { id: row.id, seq: row.seq, createdAt: row.createdAt },
          createdBy: row.createdBy,
          version: version + 1,
        });
      }),
    };
  }

  @Authorized('ADMIN', 'AGENT')
  @Mutation(() => DeleteDraftPayload, {
    description: 'Discards a draft, with its notes. Files that went with it alone are forgotten within a day, as unused uploads are.',
  })
  async deleteDraft(@Ctx() ctx: Context, @Arg('input', () => DeleteDraftInput) input: DeleteDraftInput): Promise<DeleteDraftPayload> {
    await deleteDraft(ctx, input);
    return input;
  }

  @FieldResolver(() => Int, {
    nullable: true,
    description: 'Of a DRAFT: one more with each change, for `expectedVersion`. Null for what is no draft.',
  })
  async draftVersion(@Ctx() ctx: Context, @Root() row: CommunicationRow): Promise<number | null> {
    return row.state === 'DRAFT' ? await versionLoader(ctx).load(row.id) : null;
  }

  @Authorized('ADMIN', 'AGENT')
  @Mutation(() => FollowUpCommunicationPayload, { description: 'Begins a new communication that refers to a completed one.' })
  async followUpCommunication(
    @Ctx() ctx: Context,
    @Arg('input', () => FollowUpCommunicationInput) input: FollowUpCommunicationInput,
  ): Promise<Answer> {
    const row = await requireCommunication(ctx, input.communicationId);
    if (!mayBeFollowed(row.state)) {
      throw new InvalidStateTransition(`Only a completed communication can be followed up; this one is ${row.state}.`);
    }
    const contact = await loadContact(ctx, row.contactId);
    const problems = new Problems();
    if (input.followUp.contactExternalId !== contact.externalId)
      problems.add(
        ['followUp', 'contactExternalId'],
        'OTHER_CONTACT',
        'A follow-up is with the contact of the communication that it follows.',
      );
    // It refers to the one that it follows (F2), and to no other.
    const { referringTo } = input.followUp;
    if (referringTo?.type.toLowerCase() === 'communication' && seqOf(referringTo.externalId) !== String(row.seq))
      problems.add(
        ['followUp', 'referringTo'],
        'CONTRADICTION',
        'A follow-up refers to the communication that it follows; leave it out, or name a record of the contact.',
      );
    return { communication: await create(ctx, input.followUp, { followUpOf: row.id, path: ['followUp'], problems }) };
  }
}

async function create(
  ctx: Context,
  input: CreateCommunicationInput,
  { path = [], problems = new Problems(), ...more }: Pick<WriteOptions, 'followUpOf' | 'path' | 'problems'> = {},
): Promise<CommunicationRow> {
  const contact = await findContact(ctx, input.contactExternalId);
  if (!contact)
    problems.add([...path, 'contactExternalId'], 'UNKNOWN_CONTACT', `There is no contact ${JSON.stringify(input.contactExternalId)}.`);
  const empty: Writing = {
    medium: input.medium ?? null,
    direction: input.direction ?? null,
    to: null,
    externalSystemId: null,
    subject: null,
    body: null,
    format: 'TEXT',
    templateId: null,
    categoryId: null,
    ownedByUnit: null,
    parameters: [],
    referringTo: null,
    expiresAt: null,
    attachmentIds: [],
  };
  const tied = await systemTied(ctx, input, path, problems);
  return await writeCommunication(ctx, {
    contact,
    writing: { ...merged(empty, { ...input, ...(tied && { externalSystemId: tied }) }), byAdministrator: ctx.viewer.role === 'ADMIN' },
    asDraft: input.saveAsDraft ?? false,
    ...(tied && { origin: 'PROVISIONING' }),
    path,
    problems,
    ...more,
  });
}

/** A provisioning process names its provider, not a system: the public id of the one that is tied to it (X16). */
async function systemTied(
  ctx: Context,
  { provisioningProvider, externalSystemId }: CreateCommunicationInput,
  path: (string | number)[],
  problems: Problems,
): Promise<string | undefined> {
  if (provisioningProvider == null) return undefined;
  const at = [...path, 'provisioningProvider'];
  if (externalSystemId != null) problems.add(at, 'CONTRADICTION', 'Give `externalSystemId` or `provisioningProvider`, not both.');
  const system = await findSystemOfProvider(ctx, provisioningProvider.trim());
  if (!system) problems.add(at, 'NOT_FOUND', 'No external system is tied to this provisioning provider.');
  return system ? publicId('ExternalSystem', system.id) : undefined;
}

/** What is left out keeps its value; null clears it. Choosing a template replaces the text, and writing a text the template. */
function merged(before: Writing, input: Partial<CreateCommunicationInput & UpdateCommunicationInput>): Writing {
  const pick = <Value>(given: Value | undefined, old: Value): Value => (given === undefined ? old : given);
  const text = input.subject != null || input.body != null;
  const template = input.templateId != null;
  return {
    ...before,
    to: pick(input.to, before.to),
    externalSystemId: pick(input.externalSystemId, before.externalSystemId),
    subject: template && !text ? null : pick(input.subject, before.subject),
    body: template && !text ? null : pick(input.body, before.body),
    format: pick(input.format, before.format) ?? before.format,
    templateId: text && !template ? null : pick(input.templateId, before.templateId),
    categoryId: pick(input.categoryId, before.categoryId),
    ownedByUnit: pick(input.ownedByUnit, before.ownedByUnit ?? null),
    parameters: input.parameters === undefined ? before.parameters : (input.parameters ?? []),
    referringTo: pick(input.referringTo, before.referringTo),
    expiresAt: pick(input.expiresAt, before.expiresAt),
    attachmentIds: input.attachmentIds === undefined ? (before.attachmentIds ?? []) : (input.attachmentIds ?? []),
  };
}
