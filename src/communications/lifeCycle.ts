import { registerEnumType } from 'type-graphql';

export const LifeCycleState = {
  DRAFT: 'DRAFT',
  PENDING: 'PENDING',
  COMPLETED: 'COMPLETED',
  REJECTED: 'REJECTED',
  COMPLETED_AND_REMOVED: 'COMPLETED_AND_REMOVED',
} as const;

export type LifeCycleState = keyof typeof LifeCycleState;

registerEnumType(LifeCycleState, {
  name: 'LifeCycleState',
  description:
    'Where a communication stands. A move to the state that it is already in succeeds and changes nothing; a move that is not listed is INVALID_STATE_TRANSITION.',
  valuesConfig: {
    DRAFT: { description: 'Unfinished: moves to PENDING, or (incoming ones, and media that never queue) to COMPLETED.' },
    PENDING: { description: 'Waits in the queue: moves to COMPLETED, REJECTED or COMPLETED_AND_REMOVED.' },
    COMPLETED: {
      description: "Handed over, to the recipient's inbox or phone or to the external system: moves to COMPLETED_AND_REMOVED.",
    },
    REJECTED: { description: 'Could not be handed over; `rejection` says why. Stays.' },
    COMPLETED_AND_REMOVED: { description: 'The recipient deleted it from the device or portal. Stays.' },
  },
});

/** The moves that settling may make (the contract; Q5 to Q9). The one table of them. */
const moves: Readonly<Record<LifeCycleState, readonly LifeCycleState[]>> = {
  DRAFT: ['PENDING', 'COMPLETED'],
  PENDING: ['COMPLETED', 'REJECTED', 'COMPLETED_AND_REMOVED'],
  COMPLETED: ['COMPLETED_AND_REMOVED'],
  REJECTED: [],
  COMPLETED_AND_REMOVED: [],
};

export function mayMove(from: LifeCycleState, to: LifeCycleState): boolean {
  return moves[from].includes(to);
}

/** What `from` may become, for error messages. */
export function movesFrom(from: LifeCycleState): readonly LifeCycleState[] {
  return moves[from];
}
