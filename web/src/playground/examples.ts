const texts = import.meta.glob<string>('../../../examples/*', { query: '?raw', import: 'default', eager: true });

/** The operations of `examples/`, in the order of their numbers, each with the variables that lie beside it. */
export const exampleTabs = Object.keys(texts)
  .filter((path) => path.endsWith('.graphql'))
  .sort()
  .map((path) => ({ query: texts[path] ?? '', variables: texts[path.replace(/\.graphql$/, '.variables.json')] ?? null }));
