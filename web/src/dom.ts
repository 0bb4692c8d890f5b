// Building elements: text is always text, never markup.
type Child = Node | string | null;

export function el<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Record<string, string> = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  for (const child of children) if (child !== null) made.append(child);
  return made;
}

/** Identifiers and addresses may break after a slash. */
export function breakable(text: string): DocumentFragment {
  const out = document.createDocumentFragment();
  text.split(/(?<=\/)/).forEach((piece, i) => out.append(...(i ? [document.createElement("wbr"), piece] : [piece])));
  return out;
}

export function byId(id: string): HTMLElement {
  const found = document.getElementById(id);
  if (!found) throw new Error(`no element ${id}`);
  return found;
}

export function announce(text: string): void {
  byId("status").textContent = text;
}
