/** What a caller did wrong, by the codes of the contract. Anything else that is thrown is INTERNAL. */
export type ErrorCode =
  | 'UNAUTHENTICATED'
  | 'FORBIDDEN'
  | 'BAD_USER_INPUT'
  | 'NOT_FOUND'
  | 'CONFLICT'
  | 'INVALID_STATE_TRANSITION'
  | 'RATE_LIMITED'
  | 'QUERY_TOO_COMPLEX'
  | 'UNAVAILABLE';

/** One thing wrong with an input: where (`['contacts', 0, 'timeZone']`), a stable code, and what is allowed. */
export interface Problem {
  path: (string | number)[];
  code: string;
  message: string;
  /** Where in the text it begins and how long it is, in UTF-16 units, for an editor to mark; where that is known. */
  offset?: number;
  length?: number;
}

/** An error that the caller may see as it stands. */
export class CallerError extends Error {
  constructor(
    readonly code: ErrorCode,
    message: string,
    readonly data: Record<string, unknown> = {},
  ) {
    super(message);
    this.name = new.target.name;
  }
}

export class Unauthenticated extends CallerError {
  constructor(message = 'Show a bearer token: `Authorization: Bearer TOKEN`.') {
    super('UNAUTHENTICATED', message);
  }
}

export class Forbidden extends CallerError {
  constructor(message: string) {
    super('FORBIDDEN', message);
  }
}

/** What the caller may not see does not exist: the same words for both, so that nobody can probe. */
export class NotFound extends CallerError {
  constructor(what: string) {
    super('NOT_FOUND', `There is no such ${what}.`);
  }
}

export class Conflict extends CallerError {
  /** `problems`: where in the input, if it is only a part of it. */
  constructor(
    message: string,
    readonly problems: readonly Problem[] = [],
  ) {
    super('CONFLICT', message, problems.length > 0 ? { problems } : {});
  }
}

export class InvalidStateTransition extends CallerError {
  constructor(message: string) {
    super('INVALID_STATE_TRANSITION', message);
  }
}

/** Something of ours is away (the database, a provider): the same call may succeed later. */
export class Unavailable extends CallerError {
  constructor(message = 'The database cannot be reached at the moment; try again.') {
    super('UNAVAILABLE', message);
  }
}

/** A wrong input, with every problem that was found. */
export class Invalid extends CallerError {
  constructor(readonly problems: readonly Problem[]) {
    super('BAD_USER_INPUT', summary(problems), { problems });
  }
}

/** Collects the problems of one input, so that the caller learns them all at once. */
export class Problems {
  readonly list: Problem[] = [];

  add(path: (string | number)[], code: string, message: string, position?: Pick<Problem, 'offset' | 'length'>): void {
    this.list.push({ path, code, message, ...position });
  }

  /** Throws what was collected, if anything was. */
  throwIfAny(): void {
    if (this.list.length > 0) throw new Invalid(this.list);
  }
}

/** The first of them, and how many there are. */
export function summary(problems: readonly Problem[]): string {
  const first = problems[0];
  if (!first) return 'The input is wrong.';
  const where = first.path.length > 0 ? `${formatPath(first.path)}: ` : '';
  const more = problems.length > 1 ? ` (and ${problems.length - 1} more, see extensions.problems)` : '';
  return `${where}${first.message}${more}`;
}

/** `['contacts', 0, 'name']` as `contacts[0].name`. */
export function formatPath(path: readonly (string | number)[]): string {
  return path.reduce<string>((text, step) => (typeof step === 'number' ? `${text}[${step}]` : text === '' ? step : `${text}.${step}`), '');
}
