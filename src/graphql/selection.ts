import { type FragmentSpreadNode, type GraphQLResolveInfo, type InlineFragmentNode, Kind, type SelectionSetNode } from 'graphql';

/** Whether the operation asks for the field at this path below the one that is resolved. One that @skip leaves out counts as asked. */
export function selects(info: GraphQLResolveInfo, ...path: string[]): boolean {
  return info.fieldNodes.some((each) => each.selectionSet !== undefined && contains(info, each.selectionSet, path));
}

/** Whether the operation asks for nothing but these fields at this path. One that @skip leaves out counts as asked. */
export function selectsOnly(info: GraphQLResolveInfo, path: readonly string[], names: readonly string[]): boolean {
  return info.fieldNodes.every((each) => each.selectionSet === undefined || containsOnly(info, each.selectionSet, path, names));
}

function containsOnly(
  info: GraphQLResolveInfo,
  set: SelectionSetNode,
  [name, ...rest]: readonly string[],
  names: readonly string[],
): boolean {
  return set.selections.every((each) => {
    if (each.kind === Kind.FIELD) {
      if (name === undefined) return names.includes(each.name.value);
      return each.name.value !== name || each.selectionSet === undefined || containsOnly(info, each.selectionSet, rest, names);
    }
    const within = withinFragment(info, each);
    return within === undefined || containsOnly(info, within, name === undefined ? [] : [name, ...rest], names);
  });
}

function contains(info: GraphQLResolveInfo, set: SelectionSetNode, [name, ...rest]: readonly string[]): boolean {
  return set.selections.some((each) => {
    if (each.kind === Kind.FIELD) {
      if (each.name.value !== name) return false;
      return rest.length === 0 || (each.selectionSet !== undefined && contains(info, each.selectionSet, rest));
    }
    const within = withinFragment(info, each);
    return within !== undefined && name !== undefined && contains(info, within, [name, ...rest]);
  });
}

function withinFragment(info: GraphQLResolveInfo, each: FragmentSpreadNode | InlineFragmentNode): SelectionSetNode | undefined {
  return each.kind === Kind.INLINE_FRAGMENT ? each.selectionSet : info.fragments[each.name.value]?.selectionSet;
}
