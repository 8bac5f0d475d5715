import { billing } from './declarations/billing.js';
import { namedEvents, standardEvents } from './declarations/events.js';
import { people } from './declarations/people.js';
import { rewards, service } from './declarations/service.js';
import type { EventDeclaration, FieldDeclaration, ObjectTypeDeclaration, RelationDeclaration, Words } from './types.js';

/** A type with its fields and relations by name. */
export interface ObjectType extends ObjectTypeDeclaration {
  readonly fieldByName: ReadonlyMap<string, FieldDeclaration>;
  readonly relationByName: ReadonlyMap<string, RelationDeclaration>;
  /** What happens to its objects; none for types that exist only as tags. */
  readonly eventByName: ReadonlyMap<string, EventDeclaration>;
}

/** Everything that a text or a rule can say about a customer, by the name of its type. Never changed. */
export type Catalogue = ReadonlyMap<string, ObjectType>;

/** The catalogue of these types, with what follows from their declarations. */
export function catalogueOf(declarations: readonly ObjectTypeDeclaration[]): Catalogue {
  const labels = new Map(declarations.map((each) => [each.name, each.label]));
  return new Map(
    declarations.map((each) => [
      each.name,
      {
        ...each,
        fieldByName: new Map(withRelationFields(each, labels).map((field) => [field.name, field])),
        relationByName: new Map(each.relations.map((relation) => [relation.name, relation])),
        eventByName: new Map(eventsOf(each).map((event) => [event.name, event])),
      },
    ]),
  );
}

/** What the product declares itself. */
export const builtInTypes: readonly ObjectTypeDeclaration[] = [...people, ...billing, ...service, ...rewards];
export const builtIn: Catalogue = catalogueOf(builtInTypes);

function eventsOf({ name, storage, events = [] }: ObjectTypeDeclaration): EventDeclaration[] {
  return storage === 'NONE' ? [] : [...standardEvents, ...namedEvents(name), ...events];
}

/** The external id that a relation is kept by is a field of its own: `payment_gateway_request.payment_gateway_card`. */
function withRelationFields(type: ObjectTypeDeclaration, labels: ReadonlyMap<string, Words>): FieldDeclaration[] {
  const held = type.relations.filter((each) => each.by === 'FIELD');
  const label = (name: string) => labels.get(name) ?? { en: name };
  return [
    ...type.fields,
    ...held.map((each) => ({ name: each.name, kind: 'TEXT' as const, label: label(each.to), example: 'CRM-1001', column: false })),
  ];
}
