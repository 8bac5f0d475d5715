import { type GraphQLResolveInfo, Kind, type SelectionSetNode } from 'graphql';

/** Whether the operation asks for the field at this path below the one that is resolved. One that @skip leaves out counts as asked. */
export function selects(info: GraphQLResolveInfo, ...path: string[]): boolean {
  return info.fieldNodes.some((each) => each.selectionSet !== undefined && contains(info, each.selectionSet, path));
}

function contains(info: GraphQLResolveInfo, set: SelectionSetNode, [name, ...rest]: readonly string[]): boolean {
  return set.selections.some((each) => {
    if (each.kind === Kind.FIELD) {
      if (each.name.value !== name) return false;
      return rest.length === 0 || (each.selectionSet !== undefined && contains(info, each.selectionSet, rest));
    }
    const within = each.kind === Kind.INLINE_FRAGMENT ? each.selectionSet : info.fragments[each.name.value]?.selectionSet;
    return within !== undefined && name !== undefined && contains(info, within, [name, ...rest]);
  });
}
