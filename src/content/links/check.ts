import { actionOfTag, dynamicLinkActions, tagOfAction } from '../../settings/dynamic-links.js';
import { type DynamicLinks, isLinkEnabled } from '../../settings/link-settings.js';
import type { Escape } from '../escape.js';
import type { TagToken, Token } from '../lex.js';

/** Why a text must not hold a tag (D16): it is a dynamic link that is not enabled. Undefined where there is nothing wrong. */
export function dynamicLinkProblem(tag: string, settings: DynamicLinks): { code: string; message: string } | undefined {
  const action = actionOfTag(tag);
  if (!action || isLinkEnabled(settings, action)) return undefined;
  const enabled = dynamicLinkActions.filter((each) => isLinkEnabled(settings, each)).map((each) => `#${tagOfAction(each)}`);
  const allowed = enabled.length === 0 ? 'No dynamic link is enabled' : `Enabled are ${enabled.join(', ')}`;
  return { code: 'LINK_NOT_ENABLED', message: `The dynamic link #${tag} is not enabled. ${allowed}; updateSettings changes that.` };
}

/** How the tags of an HTML body are escaped: a dynamic link within an anchor is its words, because anchors do not nest. */
export function escapesOf(tokens: readonly Token[], escapeIn: (token: TagToken) => Escape): Map<TagToken, Escape> {
  const escapes = new Map<TagToken, Escape>();
  let inAnchor = false;
  for (const token of tokens) {
    const isText = typeof token === 'string';
    if (!isText) {
      const how = escapeIn(token);
      const isWithin = inAnchor && how === 'HTML' && actionOfTag(token.path.name) !== undefined;
      escapes.set(token, isWithin ? 'WORDS' : how);
    }
    const last = [...(isText ? token : token.markup).matchAll(/<(\/?)a(?=[\s>/])/gi)].at(-1);
    if (last) inAnchor = last[1] === '';
  }
  return escapes;
}
