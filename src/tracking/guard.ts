/** How often one address may open links that do not work, and in what time, before it must wait. */
const most = 30;
const windowMs = 60_000;
/** Addresses that are remembered; the oldest are forgotten first. */
const remembered = 20_000;

/** Makes guessing useless: who opens many links that are none of ours is not answered for a while. */
export class Guard {
  readonly #wrong = new Map<string, { count: number; until: number }>();

  /** Seconds to wait; 0: none. */
  waitSeconds(address: string): number {
    const found = this.#wrong.get(placeOf(address));
    const left = found && found.count >= most ? found.until - performance.now() : 0;
    return left > 0 ? Math.ceil(left / 1_000) : 0;
  }

  /** Remembers one that did not work. */
  wrong(address: string): void {
    const place = placeOf(address);
    const now = performance.now();
    const found = this.#wrong.get(place);
    if (found && found.until > now) {
      found.count += 1;
      return;
    }
    this.#wrong.delete(place);
    this.#wrong.set(place, { count: 1, until: now + windowMs });
    if (this.#wrong.size > remembered) this.#wrong.delete(this.#wrong.keys().next().value ?? '');
  }
}

/** Of an IPv6 address the network: its owner has as many addresses in it as there are. */
function placeOf(address: string): string {
  return address.includes(':') && !address.includes('.') ? address.split(':').slice(0, 4).join(':') : address;
}
