type Child = Node | string | undefined;
type Properties = Record<string, string | boolean | undefined | ((event: Event) => void)>;

/** Makes an element: functions become listeners, `true` an empty attribute, `undefined` and `false` nothing. */
export function h<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  properties: Properties = {},
  ...children: Child[]
): HTMLElementTagNameMap[Name] {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (typeof value === 'function') element.addEventListener(key, value);
    else if (value !== undefined && value !== false) element.setAttribute(key, value === true ? '' : value);
  }
  element.append(...children.filter((child) => child !== undefined));
  return element;
}

/** The element with this id; the pages' HTML and code are built together, so that a missing one is a mistake of ours. */
export function byId(id: string): HTMLElement {
  const element = document.getElementById(id);
  if (!element) throw new Error(`The page has no element with the id ${id}`);
  return element;
}

/** Sets the text only where it differs, so that screen readers do not read an unchanged live region again. */
export function setText(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

export interface Row<Item> {
  element: HTMLElement;
  update(item: Item): void;
}

/** Shows items in order, keeping the element of an item that stays: focus, open frames and scroll positions survive. */
export function keyedRows<Item>(host: Element, keyOf: (item: Item) => string, create: (item: Item) => Row<Item>) {
  const rows = new Map<string, Row<Item>>();
  return (items: readonly Item[]): void => {
    const keys = new Set(items.map(keyOf));
    for (const [key, row] of rows) {
      if (keys.has(key)) continue;
      row.element.remove();
      rows.delete(key);
    }
    items.forEach((item, index) => {
      const key = keyOf(item);
      const row = rows.get(key) ?? create(item);
      rows.set(key, row);
      row.update(item);
      const inPlace = host.children[index];
      if (inPlace !== row.element) host.insertBefore(row.element, inPlace ?? null);
    });
  };
}
