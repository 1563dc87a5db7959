// Pieces of the search language: the server parses it, these only write it.

/** A string literal; the language has no escapes, so the quote is the one the text lacks. */
export function quoted(text: string): string {
  return text.includes("'") ? `"${text.replaceAll('"', "")}"` : `'${text}'`;
}

/** A key after `metrics.`, `params.` or `tags.`: plain where it can be, else in quotes. */
export function quotedKey(key: string): string {
  if (/^[A-Za-z_][A-Za-z0-9_]*$/.test(key)) return key;
  return key.includes("`") ? `"${key}"` : `\`${key}\``;
}

/** The filter for "the name contains this"; empty for no text. */
export function nameFilter(field: string, text: string): string {
  const wanted = text.trim();
  return wanted === "" ? "" : `${field} ILIKE ${quoted(`%${wanted}%`)}`;
}

const OPERATOR = /[=<>]|\bI?LIKE\s*['"]|\bIN\s*\(|\bIS\s+(NOT\s+)?NULL\b/i;

/** What was typed into the runs' search box: a filter as it is, or plain words for the run's name. */
export function runFilter(text: string): string {
  const wanted = text.trim();
  return OPERATOR.test(wanted) ? wanted : nameFilter("attributes.run_name", wanted);
}

export interface Sort {
  field: string;
  descending: boolean;
}

/** The `order_by` of a runs search; the newest first where nothing is chosen. */
export function orderBy(sort: Sort | undefined): string[] {
  if (sort === undefined) return [];
  return [`${sort.field} ${sort.descending ? "DESC" : "ASC"}`];
}
