import { registerEnumType } from 'type-graphql';

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
  description: 'How a communication reaches its recipient.',
  valuesConfig: {
    EMAIL: { description: 'E-mail; waits in the queue until it is sent.' },
    SMS: { description: 'Text message to a phone; waits in the queue until it is sent.' },
    DEVICE: { description: 'An app or portal: a push message, or an entry of its inbox; waits in the queue.' },
    WHATSAPP: { description: 'WhatsApp message; waits in the queue until it is sent.' },
    PHONE: { description: 'A telephone call, recorded by hand; never queued.' },
    LETTER: { description: 'A letter on paper, recorded by hand; never queued.' },
    FACE_TO_FACE: { description: 'A conversation in person, recorded by hand; never queued.' },
  },
});
