/** Waits for work, so many milliseconds at most; what is late goes on. */
export async function within(ms: number, work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  await Promise.race([work, new Promise((late) => (timer = setTimeout(late, ms)))]);
  clearTimeout(timer);
}
