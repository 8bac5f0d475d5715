import { type DocumentNode, Kind, type OperationDefinitionNode, visit } from 'graphql';

/** What of a subscription decides how its events are answered. */
export interface Selection {
  /** The same for all that run this operation of this document. */
  id: string;
  /** Variables that the answer of an event may depend on: all but those that stand only in the arguments of the root field. */
  variables: readonly string[];
}

const known = new WeakMap<DocumentNode, Map<OperationDefinitionNode | undefined, Selection>>();
let documents = 0;

/** Worked out once for each document; the documents of one text are one (documents.ts). */
export function selectionOf(document: DocumentNode, operation: OperationDefinitionNode | null | undefined): Selection {
  const byOperation = known.get(document) ?? new Map<OperationDefinitionNode | undefined, Selection>();
  known.set(document, byOperation);
  let selection = byOperation.get(operation ?? undefined);
  if (!selection) {
    selection = { id: String(++documents), variables: variablesBelow(document, operation) };
    byOperation.set(operation ?? undefined, selection);
  }
  return selection;
}

function variablesBelow(document: DocumentNode, operation: OperationDefinitionNode | null | undefined): string[] {
  const root = operation?.selectionSet.selections[0];
  const names = new Set<string>();
  visit(document, {
    VariableDefinition: () => false,
    Argument: (_node, _key, parent) => (root?.kind === Kind.FIELD && parent === root.arguments ? false : undefined),
    Variable: ({ name }) => void names.add(name.value),
  });
  // A fragment at the root hides its field: then every variable counts.
  if (root?.kind !== Kind.FIELD) return (operation?.variableDefinitions ?? []).map((each) => each.variable.name.value);
  return [...names].sort();
}
