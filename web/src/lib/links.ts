/** The address if it is http or https, else undefined; never `javascript:` or similar. */
export function webLink(text: string | undefined): string | undefined {
  return text !== undefined && /^https?:\/\/[^\s]+$/i.test(text.trim()) ? text.trim() : undefined;
}

/** The run and path in `runs:/<run id>/<path>`. */
export function parseRunsUri(
  source: string | undefined,
): { runId: string; path: string } | undefined {
  const match = /^runs:\/+([^/]+)\/(.+?)\/?$/.exec(source ?? "");
  if (match?.[1] === undefined || match[2] === undefined) return undefined;
  return { runId: match[1], path: match[2] };
}
