import type { OperationDefinitionNode } from 'graphql';

/** Whether the operation is carried out in full and then taken back (XU4). */
export function isDryRun(operation: OperationDefinitionNode): boolean {
  return operation.directives?.some((each) => each.name.value === 'dryRun') ?? false;
}
