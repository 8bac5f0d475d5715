/** Where the results of a shared event are kept, as JSON, by who asked and what for. They live as long as the event. */
export const results: unique symbol = Symbol('results');

/**
 * An event that a source hands to several subscribers, as one object: it is answered once for all of them that ask the same
 * and may see the same. What it means must not depend on the arguments any more: they did their work when the source began.
 */
export interface Shareable {
  [results]?: Map<string, Promise<string> | string>;
}
