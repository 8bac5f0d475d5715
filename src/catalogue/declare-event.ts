import { type HasEntityManager, rows } from '../database/sql.js';
import { Problems } from '../errors.js';
import { builtIn } from './built-in.js';
import type { DeclareEventInput } from './declare.input.js';
import { catalogueChanged, checkCatalogueName, checkLabels, lockCatalogue } from './declare.js';
import { didYouMean } from './nearest.js';
import { isObjectType, type ObjectType, objectTypeNames, typeOf } from './object-types.js';

const mostEvents = 200;

/** Declares an event of a type, or gives a declared one new labels. Answers its type. Runs in the caller's transaction. */
export async function declareEvent(ctx: HasEntityManager, input: DeclareEventInput): Promise<ObjectType> {
  await lockCatalogue(ctx);
  const problems = new Problems();
  const { objectType, name } = input;
  if (!isObjectType(objectType)) {
    const hint = didYouMean(objectType, objectTypeNames());
    problems.add(['objectType'], 'UNKNOWN_TYPE', `There is no object type ${JSON.stringify(objectType.slice(0, 80))}.${hint}`);
  }
  const isName = checkCatalogueName(name, ['name'], problems);
  const events = isObjectType(objectType) ? typeOf(objectType).eventByName : new Map();
  if (isName && builtIn.get(objectType)?.eventByName.has(name)) {
    problems.add(['name'], 'NAME_TAKEN', `${objectType} has an event ${name} already.`);
  } else if (!events.has(name) && events.size >= mostEvents) {
    problems.add(['name'], 'TOO_MANY', `A type has at most ${mostEvents} events.`);
  } else if (isName && ['created', 'updated', 'state_changed'].includes(name)) {
    problems.add(['name'], 'NAME_TAKEN', `Every type has an event ${name} already.`);
  }
  const labels = checkLabels(input.labels, problems);
  problems.throwIfAny();
  await rows(
    ctx,
    `insert into declared_event (object_type, name, labels) values ($1, $2, $3)
     on conflict (object_type, name) do update set labels = excluded.labels`,
    [objectType, name, JSON.stringify(labels)],
  );
  await catalogueChanged(ctx);
  return typeOf(objectType);
}

/** Writes down what is built in, for those who record events by SQL alone. Every process does it as it starts. */
export async function publishEvents(ctx: HasEntityManager): Promise<void> {
  const known = [...builtIn.values()].flatMap((type) => [...type.eventByName.keys()].map((name) => [type.name, name] as const));
  await rows(
    ctx,
    'insert into built_in_event (object_type, name) select * from unnest($1::text[], $2::text[]) on conflict (object_type, name) do nothing',
    [known.map(([type]) => type), known.map(([, name]) => name)],
  );
}
