/** A text parameter in the address. The router parses `q=2` as a number, so it is turned back into text. */
export function text(value: unknown): string | undefined {
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  return typeof value === "string" && value !== "" ? value : undefined;
}
