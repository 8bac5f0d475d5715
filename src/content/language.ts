import type { Push } from '../catalogue/field-sql.js';

interface Languages {
  readonly languages: readonly string[];
  readonly defaultLanguage: string;
}

/**
 * SQL of the language that a contact gets (L3): the content's text in the preferred language, else in its base (el-CY: el),
 * else in the default language, else null: there is none. `preferred` is the SQL of the contact's preferred language.
 */
export function languageSql(content: Languages, preferred: string, push: Push): string {
  const fallback = defaultOf(content);
  const branches = longestFirst(content.languages).map((language) => {
    const start = `${push(`${language.toLowerCase()}-`)}::text`;
    return `when starts_with(lower(${preferred}) || '-', ${start}) then ${push(language)}::text`;
  });
  return `case ${branches.join(' ')} else ${fallback === undefined ? 'null' : push(fallback)}::text end`;
}

/** The same for one contact. */
export function languageFor(content: Languages, preferred: string | null): string | undefined {
  const wanted = `${(preferred ?? '').toLowerCase()}-`;
  return longestFirst(content.languages).find((each) => wanted.startsWith(`${each.toLowerCase()}-`)) ?? defaultOf(content);
}

function defaultOf({ languages, defaultLanguage }: Languages): string | undefined {
  return languages.find((each) => each.toLowerCase() === defaultLanguage.toLowerCase());
}

function longestFirst(languages: readonly string[]): string[] {
  return languages.toSorted((a, b) => b.length - a.length);
}
