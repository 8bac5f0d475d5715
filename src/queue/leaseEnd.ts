/**
 * When a lease ends, as far as this machine can know. By the monotonic clock, which nobody sets; and by the time of day, which goes on, or is
 * set right, where the machine itself stood still: a virtual machine that was paused and runs on.
 */
export interface LeaseEnd {
  readonly monotonic: number;
  readonly timeOfDay: number;
}

/** Of a lease that is asked for now: a process may stand still between the question and the answer. */
export function leaseEnd(seconds: number): LeaseEnd {
  return { monotonic: performance.now() + seconds * 1_000, timeOfDay: Date.now() + seconds * 1_000 };
}

/** Whether it has, by either clock: rather too early, which costs a second lease, than too late, which costs a second message. */
export function hasEnded({ monotonic, timeOfDay }: LeaseEnd): boolean {
  return performance.now() >= monotonic || Date.now() >= timeOfDay;
}
