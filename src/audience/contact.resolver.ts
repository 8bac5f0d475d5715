import { Arg, Args, Authorized, Ctx, FieldResolver, Mutation, Query, Resolver, Root } from 'type-graphql';
import type { Context } from '../context.js';
import { PageArgs } from '../graphql/connection.js';
import type { NodeKind } from '../graphql/node.js';
import { ContactConnection, ContactEmailType, ContactPhoneType, ContactType } from './contact.type.js';
import { UpsertCrmRecordsInput, UpsertCrmRecordsPayloadType } from './crm.input.js';
import { listContacts } from './list.js';
import { type ContactRow, findContact, loadContact, maySee } from './load.js';
import { pointsOf } from './points.js';
import { accountsOf, objectsOf } from './records.js';
import { AccountConnection, BusinessObjectConnection } from './records.type.js';
import { upsertCrmRecords } from './upsert/upsert.js';

@Resolver(() => ContactType)
export class ContactResolver {
  @Query(() => ContactType, {
    nullable: true,
    description: 'A contact by its externalId; null where the caller may see none. A CONTACT sees itself.',
  })
  async contact(
    @Ctx() ctx: Context,
    @Arg('externalId', () => String, { description: "The CRM's id of the contact." }) externalId: string,
  ): Promise<unknown> {
    return await findContact(ctx, externalId);
  }

  @Authorized('ADMIN', 'AGENT')
  @Query(() => ContactConnection, { description: 'Contacts, oldest first.' })
  async contacts(
    @Ctx() ctx: Context,
    @Args(() => PageArgs) page: PageArgs,
    @Arg('search', () => String, {
      nullable: true,
      description: 'Only those whose name contains this, or whose externalId, primary e-mail address or phone begins with it.',
    })
    search?: string | null,
  ): Promise<unknown> {
    return await listContacts(ctx, page, search);
  }

  @Authorized('ADMIN')
  @Mutation(() => UpsertCrmRecordsPayloadType, {
    description:
      'Inserts or updates CRM records by `externalId`, all or nothing, at most 1,000 in all, in any order. A field left out keeps its value; null clears it.',
  })
  async upsertCrmRecords(
    @Ctx() ctx: Context,
    @Arg('input', () => UpsertCrmRecordsInput, { description: 'The records.' }) input: UpsertCrmRecordsInput,
  ): Promise<UpsertCrmRecordsPayloadType> {
    const result = await upsertCrmRecords(ctx, input);
    // Rules may listen to what changed.
    if (result.inserted + result.updated > 0) ctx.afterCommit(() => ctx.bells.work('event'));
    return result;
  }

  @Authorized('ADMIN', 'AGENT', 'CONTACT')
  @FieldResolver(() => [ContactEmailType])
  async emails(@Ctx() ctx: Context, @Root() contact: ContactRow): Promise<ContactEmailType[]> {
    return (await pointsOf(ctx, contact.id)).filter((each) => each.kind === 'EMAIL');
  }

  @Authorized('ADMIN', 'AGENT', 'CONTACT')
  @FieldResolver(() => [ContactPhoneType])
  async phones(@Ctx() ctx: Context, @Root() contact: ContactRow): Promise<ContactPhoneType[]> {
    const points = await pointsOf(ctx, contact.id);
    return points.filter((each) => each.kind === 'PHONE').map(({ type, address, primary }) => ({ type, number: address, primary }));
  }

  @Authorized('ADMIN', 'AGENT')
  @FieldResolver()
  attributes(@Root() contact: ContactRow): Record<string, unknown> {
    return contact.attributes;
  }

  @Authorized('ADMIN', 'AGENT')
  @FieldResolver()
  fields(@Root() contact: ContactRow): Record<string, unknown> {
    return contact.fields;
  }

  @Authorized('ADMIN', 'AGENT')
  @FieldResolver(() => AccountConnection, { description: 'The accounts, oldest first.' })
  async accounts(@Ctx() ctx: Context, @Root() contact: ContactRow, @Args(() => PageArgs) page: PageArgs): Promise<unknown> {
    return await accountsOf(ctx, contact.id, page);
  }

  @Authorized('ADMIN', 'AGENT')
  @FieldResolver(() => BusinessObjectConnection, { description: 'The business objects, oldest first.' })
  async objects(
    @Ctx() ctx: Context,
    @Root() contact: ContactRow,
    @Args(() => PageArgs) page: PageArgs,
    @Arg('type', () => String, { nullable: true, description: 'Only those of this type, such as `subscription`.' }) type?: string | null,
  ): Promise<unknown> {
    return await objectsOf(ctx, contact.id, type, page);
  }
}

/** `node(id)` of a contact. */
export const contactNode: NodeKind = {
  type: 'Contact',
  async load(ctx, id) {
    const found = await loadContact(ctx, id).catch(() => null);
    return found && maySee(ctx, found.externalId) ? found : null;
  },
};
