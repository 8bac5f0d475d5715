import { Field, ID, InputType, ObjectType } from 'type-graphql';
import { NodeType } from '../graphql/node.js';

@ObjectType('Category', {
  implements: NodeType,
  description: 'What a communication is about for the business: inquiry, complaint, technical issue; a node of a tree.',
})
export class CategoryType extends NodeType {
  @Field(() => String, { description: 'Its name, unique.' })
  name!: string;

  @Field(() => String, { description: 'Its code, unique.' })
  code!: string;

  @Field(() => String, { nullable: true, description: 'What belongs in it.' })
  description?: string | null;

  @Field(() => CategoryType, { nullable: true, description: 'The one above it; null for a root.' })
  parent?: CategoryType | null;

  @Field(() => [CategoryType], { description: 'Those below it, by name.' })
  children!: CategoryType[];
}

@InputType('CreateCategoryInput', { description: 'A category to make.' })
export class CreateCategoryInput {
  @Field(() => String, { description: 'Its name, unique.' })
  name!: string;

  @Field(() => String, { nullable: true, description: 'Its code, unique; made from the name where none is given.' })
  code?: string | null;

  @Field(() => String, { nullable: true, description: 'What belongs in it.' })
  description?: string | null;

  @Field(() => ID, { nullable: true, description: 'The one above it; none: a root.' })
  parentId?: string | null;

  @Field(() => String, { nullable: true, description: 'The same key with the same input gives the first answer again, for 24 hours.' })
  idempotencyKey?: string | null;
}

@InputType('UpdateCategoryInput', { description: 'What changes; a field left out keeps its value.' })
export class UpdateCategoryInput {
  @Field(() => ID, { description: 'The category.' })
  categoryId!: string;

  @Field(() => String, { nullable: true, description: 'Its name, unique.' })
  name?: string | null;

  @Field(() => String, { nullable: true, description: 'Its code, unique.' })
  code?: string | null;

  @Field(() => String, { nullable: true, description: 'What belongs in it; null clears it.' })
  description?: string | null;

  @Field(() => ID, { nullable: true, description: 'The one above it, never one below it; null makes it a root.' })
  parentId?: string | null;
}

@InputType('DeleteCategoryInput', { description: 'Which category goes.' })
export class DeleteCategoryInput {
  @Field(() => ID, { description: 'The category; one that is used, or has others below it, stays.' })
  categoryId!: string;
}

@ObjectType('CreateCategoryPayload', { description: 'The category made.', simpleResolvers: true })
export class CreateCategoryPayload {
  @Field(() => CategoryType, { description: 'The category.' })
  category!: CategoryType;
}

@ObjectType('UpdateCategoryPayload', { description: 'The category changed.', simpleResolvers: true })
export class UpdateCategoryPayload {
  @Field(() => CategoryType, { description: 'The category as it is now.' })
  category!: CategoryType;
}

@ObjectType('DeleteCategoryPayload', { description: 'The category deleted.', simpleResolvers: true })
export class DeleteCategoryPayload {
  @Field(() => ID, { description: 'The id that it had.' })
  categoryId!: string;
}
