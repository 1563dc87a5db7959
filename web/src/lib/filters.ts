// Writes filters in the search language. The server parses them.

/** A string literal. The language has no escapes, so the quotes are those that the text does not contain. */
export function quoted(text: string): string {
  return text.includes("'") ? `"${text.replaceAll('"', "")}"` : `'${text}'`;
}

/** A key for `metrics.`, `params.` or `tags.`, quoted only if it must be. */
export function quotedKey(key: string): string {
  if (/^[A-Za-z_][A-Za-z0-9_]*$/.test(key)) return key;
  return key.includes("`") ? `"${key}"` : `\`${key}\``;
}

/** The filter for "the name contains this text". Empty if the text is empty. */
export function nameFilter(field: string, text: string): string {
  const wanted = text.trim();
  return wanted === "" ? "" : `${field} ILIKE ${quoted(`%${wanted}%`)}`;
}

const OPERATOR = /[=<>]|\bI?LIKE\s*['"]|\bIN\s*\(|\bIS\s+(NOT\s+)?NULL\b/i;

/** The filter for the text of the search box: the text itself if it is a filter, else a search for the name. */
export function runFilter(text: string): string {
  const wanted = text.trim();
  return OPERATOR.test(wanted) ? wanted : nameFilter("attributes.run_name", wanted);
}

export interface Sort {
  field: string;
  descending: boolean;
}

/** The `order_by` of a search for runs. If it is empty the server sends the newest first. */
export function orderBy(sort: Sort | undefined): string[] {
  if (sort === undefined) return [];
  return [`${sort.field} ${sort.descending ? "DESC" : "ASC"}`];
}
