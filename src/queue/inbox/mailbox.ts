import type { Waiter } from '../../graphql/at-hand.js';
import type { LiveChange } from './hub.js';

/** A slow device costs this many references, not a growing queue (design.md, idea 5). */
const mailboxSize = 256;
const none: readonly LiveChange[] = [];

/** Keeps a few changes for one subscriber. What does not fit is not kept at all: the subscriber reads it from the log later. */
export class Mailbox {
  closed = false;
  /** Something did not fit: read the log from one's own position, then go on. */
  behind = false;
  /** The list of the hub itself while one batch waits, which is nearly always; the first `taken` of it are done with. */
  private waiting = none;
  private taken = 0;
  private waiter: Waiter | undefined;

  constructor(
    private readonly onClose: (contactId: string, box: Mailbox) => void,
    private readonly contactId: string,
  ) {}

  /** Takes changes in, and wakes who waits for them. */
  offer(more: readonly LiveChange[]): void {
    if (this.closed || this.behind) return;
    const left = this.waiting.length - this.taken;
    if (left + more.length > mailboxSize) {
      this.fallBehind();
      return;
    }
    if (left === 0) {
      this.waiting = more;
      this.taken = 0;
    } else {
      this.waiting = [...this.waiting.slice(this.taken), ...more];
      this.taken = 0;
    }
    this.wake();
  }

  /** What came is not all that there is to know: it must be read from the log. */
  fallBehind(): void {
    this.waiting = none;
    this.taken = 0;
    this.behind = true;
    this.wake();
  }

  /** The next change, or undefined where there is none, or one must read the log first. */
  take(): LiveChange | undefined {
    const item = this.waiting[this.taken];
    if (!item) return undefined;
    this.taken += 1;
    if (this.taken === this.waiting.length) {
      this.waiting = none;
      this.taken = 0;
    }
    return item;
  }

  /** Wakes `waiter` once: when there is something to take, when one is behind, or when it is closed. */
  wait(waiter: Waiter): void {
    this.waiter = waiter;
  }

  close(): void {
    this.closed = true;
    this.onClose(this.contactId, this);
    this.wake();
  }

  private wake(): void {
    const { waiter } = this;
    this.waiter = undefined;
    waiter?.wake();
  }
}
