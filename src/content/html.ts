import { convert } from 'html-to-text';
import sanitizeHtml from 'sanitize-html';
import type { Problems } from '../errors.js';
import { loneElements } from './mjml-elements.js';

type Path = readonly (string | number)[];

/** MJML texts that this process has compiled: one for each that is saved or previewed unsaved, none for what is generated, sent or read. */
let compiled = 0;

export function mjmlCompiles(): number {
  return compiled;
}

/**
 * MJML as HTML; every error of its own validator becomes a problem, and so does every element that is not closed. Includes are
 * off, and no font is fetched from anywhere.
 */
export async function compileMjml(source: string, language: string, problems: Problems, path: Path): Promise<string | undefined> {
  const lone = loneElements(source);
  for (const { name, missing, from, to } of lone) {
    const line = source.slice(0, from).split('\n').length;
    const what = missing === 'END' ? `is not closed; give it an end, </${name}>` : 'ends here, but does not begin';
    problems.add([...path], 'INVALID_MJML', `Line ${line} (${name}): ${name} ${what}.`, { offset: from, length: to - from });
  }
  const { default: mjml } = await import('mjml');
  compiled += 1;
  try {
    const { html } = await mjml(source, { validationLevel: 'strict', ignoreIncludes: true, fonts: {} });
    if (lone.length > 0) return undefined;
    return html.replaceAll('lang="und"', `lang="${language}"`);
  } catch (error) {
    const { errors, message } = error as { errors?: { line: number; message: string; tagName: string }[]; message: string };
    for (const each of errors ?? [])
      problems.add([...path], 'INVALID_MJML', `Line ${each.line} (${each.tagName}): ${each.message.trim()}.`);
    if (!errors?.length && lone.length === 0) problems.add([...path], 'INVALID_MJML', `This is no MJML: ${message}`);
    return undefined;
  }
}

const allowed: sanitizeHtml.IOptions = {
  allowedTags: [...sanitizeHtml.defaults.allowedTags, 'img', 'center', 'font', 'del', 'ins', 'big', 'html', 'head', 'body', 'title'],
  allowedAttributes: {
    '*': ['style', 'class', 'align', 'valign', 'dir', 'lang', 'title', 'width', 'height', 'bgcolor', 'role', 'aria-*'],
    a: ['href', 'name', 'target', 'rel'],
    img: ['src', 'alt', 'border'],
    table: ['border', 'cellpadding', 'cellspacing'],
    td: ['colspan', 'rowspan'],
    th: ['colspan', 'rowspan'],
    font: ['color', 'face', 'size'],
  },
  allowedSchemes: ['http', 'https', 'mailto', 'tel', 'sms', 'cid'],
  allowedSchemesByTag: { img: ['http', 'https', 'cid', 'data'] },
};

/** HTML without scripts, frames, forms and handlers: for bodies of people who do not write templates. */
export function sanitised(html: string): string {
  return sanitizeHtml(html, allowed);
}

const unsafeElements = new Set(['script', 'iframe', 'frame', 'object', 'embed', 'form', 'base', 'svg', 'math']);

/** The first thing in HTML that sanitising would have to take out of somebody's MJML; undefined where there is none. */
export function unsafePart(html: string): string | undefined {
  let found: string | undefined;
  sanitizeHtml(html, {
    ...allowed,
    onOpenTag(name, attributes) {
      if (unsafeElements.has(name)) found ??= `<${name}>`;
      for (const [attribute, value] of Object.entries(attributes)) {
        if (attribute.startsWith('on') || attribute === 'srcdoc') found ??= attribute;
        else if (/^[\s\p{Cc}]*(javascript|vbscript|data:text)/iu.test(value)) found ??= `${attribute}="${value.slice(0, 40)}"`;
      }
    },
  });
  return found;
}

/** The plain-text alternative of an HTML body; undefined where thousands of elements are nested within each other. */
export function textAlternative(html: string): string | undefined {
  try {
    return convert(html, {
      wordwrap: false,
      selectors: [
        { selector: 'a', options: { hideLinkHrefIfSameAsText: true } },
        { selector: 'img', format: 'skip' },
        { selector: '[style*="display:none"]', format: 'skip' },
        ...['h1', 'h2', 'h3', 'h4', 'h5', 'h6'].map((selector) => ({ selector, options: { uppercase: false } })),
      ],
    }).trim();
  } catch (error) {
    // It goes down into elements by calling itself: the stack is what bounds it.
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}
