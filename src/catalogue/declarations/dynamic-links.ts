import { builtInLinkTexts, dynamicLinkActions, dynamicLinkPrefix, tagOfAction } from '../../settings/dynamic-links.js';
import { text } from './declare.js';

/** A tag for each link with which a reader changes data (G83 to G87, and four that the sources name without spelling them). */
export const dynamicLinks = dynamicLinkActions.map((action) => {
  const { en = action, el = en } = builtInLinkTexts[action];
  return text(tagOfAction(action).slice(dynamicLinkPrefix.length), [en, el], en);
});
