/** Takes the next value of a source where it needs no waiting. */
export const atHand: unique symbol = Symbol('at hand');
/** There is none yet: whoever asked is woken once it is worth asking again. */
export const notYet: unique symbol = Symbol('not yet');
/** Only `next` can tell: something has to be read, or the source has ended. */
export const askNext: unique symbol = Symbol('ask next');

/** Who waits for a source. An object, not a function: a subscription that is idle keeps nothing more than itself. */
export interface Waiter {
  wake(): void;
}

/**
 * What a live source offers beside `next`: nearly all its values are there when they are asked for, and a promise for each would
 * cost more than the value. Never asked while a `next` is under way.
 */
export interface AtHand<T> {
  [atHand](waiter: Waiter): T | typeof notYet | typeof askNext;
}

/** An iterator that may know of values at hand. */
export type Live<T> = AsyncIterator<T> & Partial<AtHand<T>>;
