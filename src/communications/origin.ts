import { registerEnumType } from 'type-graphql';

/** What caused a communication (C3, C4). */
export const CommunicationOrigin = {
  MANUAL: 'MANUAL',
  RULE: 'RULE',
  PLAN: 'PLAN',
  NOTIFICATION: 'NOTIFICATION',
  PROVISIONING: 'PROVISIONING',
  API: 'API',
  TEST: 'TEST',
} as const;
export type CommunicationOrigin = keyof typeof CommunicationOrigin;

registerEnumType(CommunicationOrigin, {
  name: 'CommunicationOrigin',
  description: 'What caused a communication.',
  valuesConfig: {
    MANUAL: { description: 'Somebody wrote or recorded it, from a record, as a follow-up or as a retry, too.' },
    RULE: { description: 'An event met a rule.' },
    PLAN: { description: 'A run of a plan.' },
    NOTIFICATION: { description: 'A run of a notification type.' },
    PROVISIONING: { description: 'A provisioning process, through the external system tied to it.' },
    API: { description: 'Another program put it there without the API of this one.' },
    TEST: { description: 'A test of a text: sent to an address of its own, and in no run.' },
  },
});
