import { registerEnumType } from 'type-graphql';
import { Medium } from '../graphql/medium.js';

export { Medium };

export const Direction = { INCOMING: 'INCOMING', OUTGOING: 'OUTGOING' } as const;
export type Direction = keyof typeof Direction;
registerEnumType(Direction, {
  name: 'Direction',
  description: 'Who speaks.',
  valuesConfig: {
    INCOMING: { description: 'The contact, to us: logged, never sent.' },
    OUTGOING: { description: 'We, to the contact.' },
  },
});

/** The media whose outgoing communications wait in the queue; the others are recorded by hand (M25). */
export const queueingMedia: readonly Medium[] = ['EMAIL', 'SMS', 'DEVICE', 'WHATSAPP'];
