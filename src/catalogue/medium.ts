import { registerEnumType } from 'type-graphql';

/** How a communication reaches its contact (M1). */
export const Medium = {
  EMAIL: 'EMAIL',
  SMS: 'SMS',
  DEVICE: 'DEVICE',
  WHATSAPP: 'WHATSAPP',
  PHONE: 'PHONE',
  LETTER: 'LETTER',
  FACE_TO_FACE: 'FACE_TO_FACE',
} as const;

export type Medium = keyof typeof Medium;

registerEnumType(Medium, {
  name: 'Medium',
  description: 'How a communication reaches its contact.',
  valuesConfig: {
    EMAIL: { description: 'E-mail, in text or HTML.' },
    SMS: { description: 'Text message.' },
    DEVICE: { description: 'An app or a set-top box: by push, or through the queue of an external system.' },
    WHATSAPP: { description: 'WhatsApp text message.' },
    PHONE: { description: 'A call: recorded, never queued.' },
    LETTER: { description: 'Paper: recorded, never queued.' },
    FACE_TO_FACE: { description: 'A meeting: recorded, never queued.' },
  },
});

/** Media whose communications wait in the queue (Q2, M25); the others are completed when they are saved. */
export const queueingMedia: readonly Medium[] = ['EMAIL', 'SMS', 'DEVICE', 'WHATSAPP'];
