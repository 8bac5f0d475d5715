/** What other stages ask the catalogue about object types and their fields. */
export { checkFields } from './check-fields.js';
export { didYouMean, nearest } from './nearest.js';
export { isObjectType, objectTypeNames } from './object-types.js';
