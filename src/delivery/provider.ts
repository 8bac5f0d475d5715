import type { Medium } from '../catalogue/medium.js';

/** A message as a provider gets it: rendered, checked, and the same at every try. */
export interface OutgoingMessage {
  /** The communication's id; what the outside sees of it (a Message-ID) is derived from it, so that retries can be told. */
  readonly communicationId: string;
  readonly medium: Medium;
  readonly to: string;
  readonly toName: string;
  readonly subject: string | null;
  /** The whole message where there is no HTML, its plain alternative where there is. */
  readonly text: string;
  readonly html: string | null;
  /** Files that go with it, in their order; only e-mail has some. */
  readonly attachments?: readonly OutgoingAttachment[];
}

/** A file that goes with a message. Read only when the message is sent, so that what waits takes no memory. */
export interface OutgoingAttachment {
  readonly name: string;
  /** Its MIME type. */
  readonly type: string;
  /** An image that the HTML shows as `cid:` and this is sent as a part of it (W2). */
  readonly contentId?: string;
  read(): Promise<Buffer>;
}

/** What became of one try: a value, never an exception. */
export type Outcome =
  /** The provider has it. */
  | { readonly kind: 'sent'; readonly providerId?: string | undefined }
  /** Certainly not taken; may be taken later. */
  | {
      readonly kind: 'retry';
      readonly reason: string;
      /** Milliseconds to wait; default: growing with the tries. */
      readonly afterMs?: number;
      /** The provider could not be reached at all, which says nothing about this message: the try does not count. */
      readonly away?: boolean;
    }
  /** Certainly not taken, now or ever. */
  | { readonly kind: 'rejected'; readonly reason: string }
  /** Handed over, and the answer was lost: it may be on its way. */
  | { readonly kind: 'inDoubt'; readonly reason: string };

/** Carries messages of some media to the outside. */
export interface Provider {
  /** For logs. */
  readonly name: string;
  readonly media: readonly Medium[];
  /** How many messages it may be given at a time. */
  readonly concurrency: number;
  /**
   * Never rejects. Once `signal` is aborted the outcome is wanted within half a second. `mayLeave` is asked as late as can be,
   * right before the message can no longer be held back: where it answers no, the message is another worker's, and has been aborted.
   */
  send(message: OutgoingMessage, signal: AbortSignal, mayLeave: () => boolean): Promise<Outcome>;
  close(): Promise<void>;
}
