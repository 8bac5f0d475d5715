const texts = import.meta.glob<string>('../../../examples/*', { query: '?raw', import: 'default', eager: true });

export interface Example {
  /** The operation's name, which is also its tab's. */
  name: string;
  /** The first sentence of its comment. */
  purpose: string;
  query: string;
  variables: string | null;
}

/** The operations of `examples/`, in the order of their numbers, each with the variables that lie beside it. */
export const examples: Example[] = Object.keys(texts)
  .filter((path) => path.endsWith('.graphql'))
  .sort()
  .map((path) => readExample(texts[path] ?? '', texts[path.replace(/\.graphql$/, '.variables.json')] ?? null));

function readExample(query: string, variables: string | null): Example {
  const name = /^(?:query|mutation|subscription) (\w+)/m.exec(query)?.[1] ?? '';
  const purpose = /^# (.+?[.;:])(?:\s|$)/.exec(query)?.[1]?.replace(/[.;:]$/, '') ?? '';
  return { name, purpose, query, variables };
}
