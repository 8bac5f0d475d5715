/** Who calls, as the token says. */
export type Role = 'ADMIN' | 'AGENT' | 'EXTERNAL_SYSTEM' | 'CONTACT';

export const roles: readonly Role[] = ['ADMIN', 'AGENT', 'EXTERNAL_SYSTEM', 'CONTACT'];

export interface Viewer {
  readonly role: Role;
  /** The user's login name, the external system's code or the contact's externalId. */
  readonly subject: string;
  /** When the token ends; undefined for one without an end. */
  readonly expiresAt?: Date | undefined;
  /** The id of the API key, where one was shown instead of a JWT: it can be revoked. */
  readonly apiKeyId?: string | undefined;
}

/** Our own jobs: runs, sweeps, the command line. */
export const engine: Viewer = { role: 'ADMIN', subject: 'carillon' };

/** Nobody yet: may look at the schema where introspection is on, and is UNAUTHENTICATED for everything else. */
export const anonymous: Viewer = { role: 'CONTACT', subject: '' };
