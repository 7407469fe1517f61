export interface Selection {
  nodes: ReadonlySet<string>;
  edges: ReadonlySet<string>;
}

export const nothing: Selection = { nodes: new Set(), edges: new Set() };

export function sameSelection(a: Selection, b: Selection): boolean {
  return same(a.nodes, b.nodes) && same(a.edges, b.edges);
}

function same(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  return a.size === b.size && [...a].every((id) => b.has(id));
}
