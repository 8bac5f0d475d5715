import type { AuthCheckerFn } from 'type-graphql';
import type { Role } from '../access/viewer.js';
import type { Context } from '../context.js';
import { Forbidden } from '../errors.js';

/** `@Authorized(...)`: which roles may call an operation at all. What of it they see is decided where it is read. */
export const roleCheck: AuthCheckerFn<Context, Role> = ({ context, info }, allowed) => {
  if (allowed.length === 0 || allowed.includes(context.viewer.role)) return true;
  throw new Forbidden(`${info.fieldName} is for ${allowed.join(', ')}; this token is for ${context.viewer.role}.`);
};
