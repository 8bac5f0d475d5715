import sanitizeHtml from 'sanitize-html';

/** A type of file that may be attached. */
interface Kind {
  extensions: readonly string[];
  /** Whether the bytes are what the type says. Looks at the outside only: nothing is expanded. */
  fits(bytes: Buffer): boolean;
}

/** It has these bytes, written as Latin-1, at that place. */
function sign(bytes: string, at = 0): Kind['fits'] {
  const expected = Buffer.from(bytes, 'latin1');
  return (file) => file.subarray(at, at + expected.length).equals(expected);
}

const isZip = sign('PK\x03\x04');
const isText = (file: Buffer) => !file.includes(0) && isUtf8(file);

/** What people attach, by its MIME type. What runs by itself, and documents with macros, are not among them. */
export const kinds: Readonly<Record<string, Kind>> = {
  'application/pdf': { extensions: ['pdf'], fits: sign('%PDF-') },
  'image/png': { extensions: ['png'], fits: sign('\x89PNG\r\n\x1a\n') },
  'image/jpeg': { extensions: ['jpg', 'jpeg'], fits: sign('\xff\xd8\xff') },
  'image/gif': { extensions: ['gif'], fits: (file) => sign('GIF87a')(file) || sign('GIF89a')(file) },
  'image/webp': { extensions: ['webp'], fits: (file) => sign('RIFF')(file) && sign('WEBP', 8)(file) },
  'image/svg+xml': {
    extensions: ['svg'],
    fits: (file) => isText(file) && /^\s*(<\?xml\s[^>]*>\s*)?(<!--[\s\S]*?-->\s*)*<svg[\s>]/.test(head(file)),
  },
  'text/plain': { extensions: ['txt', 'log'], fits: isText },
  'text/csv': { extensions: ['csv'], fits: isText },
  'text/calendar': { extensions: ['ics'], fits: (file) => isText(file) && /^BEGIN:VCALENDAR\s/.test(head(file)) },
  'application/zip': { extensions: ['zip'], fits: isZip },
  'application/vnd.openxmlformats-officedocument.wordprocessingml.document': { extensions: ['docx'], fits: isZip },
  'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet': { extensions: ['xlsx'], fits: isZip },
  'application/vnd.openxmlformats-officedocument.presentationml.presentation': { extensions: ['pptx'], fits: isZip },
  'application/vnd.oasis.opendocument.text': { extensions: ['odt'], fits: isZip },
  'application/vnd.oasis.opendocument.spreadsheet': { extensions: ['ods'], fits: isZip },
};

function head(file: Buffer): string {
  return file
    .subarray(0, 4_096)
    .toString('utf8')
    .replace(/^\ufeff/, '');
}

function isUtf8(file: Buffer): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(file);
    return true;
  } catch {
    return false;
  }
}

const unsafeElements =
  /^(script|foreignobject|iframe|object|embed|handler|listener|animate|animatetransform|animatemotion|set|audio|video|link|style)$/;

/**
 * The first thing in an SVG that could run, or fetch from elsewhere; undefined where there is none. An SVG is a program in an
 * image's clothes: mail programs and browsers that open it must find drawing in it, and nothing else.
 */
export function unsafeInSvg(file: Buffer): string | undefined {
  const source = file.toString('utf8');
  // Entities could spell anything, and a style sheet is fetched.
  const declaration = /<!(?:DOCTYPE|ENTITY|\[CDATA\[)|<\?(?!xml\s)/i.exec(source);
  if (declaration) return declaration[0];
  let found: string | undefined;
  sanitizeHtml(source, {
    allowedTags: false,
    allowedAttributes: false,
    allowVulnerableTags: true,
    parser: { xmlMode: true, decodeEntities: true, lowerCaseTags: false, lowerCaseAttributeNames: false },
    onOpenTag(tag, attributes) {
      const name = localName(tag);
      if (unsafeElements.test(name)) found ??= `<${tag}>`;
      for (const [attribute, value] of Object.entries(attributes)) {
        const local = localName(attribute);
        const target = value.replaceAll(/[\s\p{Cc}]/gu, '').toLowerCase();
        if (local.startsWith('on')) found ??= attribute;
        // What is drawn may come from the file itself: a part of it, or an image written out in it.
        else if ((local === 'href' || local === 'src') && target !== '' && !/^(#|data:image\/(png|jpeg|gif|webp)[;,])/.test(target))
          found ??= `${attribute}="${value.slice(0, 40)}"`;
        else if (/javascript:|vbscript:|@import|url\((?!["']?#)/.test(target)) found ??= `${attribute}="${value.slice(0, 40)}"`;
      }
    },
  });
  return found;
}

/** Without the prefix of a namespace, which may be called anything. */
function localName(name: string): string {
  return name.slice(name.indexOf(':') + 1).toLowerCase();
}
