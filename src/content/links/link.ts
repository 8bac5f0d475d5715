/** A dynamic link as it is written: an anchor with the words where there can be one, its address elsewhere. */
export interface DynamicLink {
  readonly url: string;
  readonly words: string;
}

/** Makes the links of one communication; what render() needs of the world. */
export interface LinkMaker {
  /** Undefined where the link was not enabled, or there is nothing that it could be about. */
  dynamic(tag: string, value: unknown, language: string): DynamicLink | undefined;
  /** What the link of that index is replaced by; undefined: nothing. */
  short(index: number): string | undefined;
  /** Every link is replaced, also where that makes it no shorter: clicks are tracked (V5). */
  readonly everyLink: boolean;
  /** The address of the image that tells that an HTML e-mail was opened; undefined: there is none (V4). */
  pixel(): string | undefined;
}
