import { queryOptions } from "@tanstack/react-query";
import { ApiError, get } from "./client";
import type { HistoryAnswer, Metric, MetricWithRunId } from "./types";

/** How many points a chart can show. */
const POINTS = 2000;
/** Page size for long histories, and the largest number of points that a browser should draw. */
const PAGE = 25_000;
const AT_MOST = 250_000;

export interface History {
  points: MetricWithRunId[];
  /** False if the history has more points than a browser should hold. */
  complete: boolean;
}

/** Set to false after the first request if the server cannot thin histories. */
let thins = true;

/** The histories of several runs, thinned by the server. Undefined if it cannot do that. */
async function thinned(runIds: string[], key: string, signal: AbortSignal) {
  if (!thins) return undefined;
  try {
    const page = await get<{ metrics?: MetricWithRunId[] }>(
      "metrics/get-history-bulk-interval",
      { run_ids: runIds, metric_key: key, max_results: POINTS },
      signal,
    );
    return page.metrics ?? [];
  } catch (error) {
    const unknown = error instanceof ApiError && (error.status === 404 || error.status === 405);
    if (!unknown) throw error;
    thins = false;
    return undefined;
  }
}

async function ofOneRun(runId: string, key: string, signal: AbortSignal): Promise<History> {
  const page = (size: number, token?: string) =>
    get<HistoryAnswer>(
      "metrics/get-history",
      { run_id: runId, metric_key: key, max_results: size, page_token: token },
      signal,
    );
  const named = (metrics: Metric[] = []) => metrics.map((metric) => ({ ...metric, run_id: runId }));

  const first = await page(POINTS);
  const points = named(first.metrics);
  let token = first.next_page_token || undefined;
  if (token === undefined) return { points, complete: true };
  const few = await thinned([runId], key, signal);
  if (few !== undefined) return { points: few, complete: true };
  while (token !== undefined && points.length < AT_MOST) {
    const next: HistoryAnswer = await page(PAGE, token);
    for (const point of named(next.metrics)) points.push(point);
    token = next.next_page_token || undefined;
  }
  return { points, complete: token === undefined };
}

async function ofRuns(runIds: string[], key: string, signal: AbortSignal): Promise<History> {
  const together = runIds.length > 1 ? await thinned(runIds, key, signal) : undefined;
  if (together !== undefined) return { points: together, complete: true };
  const each = await Promise.all(runIds.map((id) => ofOneRun(id, key, signal)));
  return {
    points: each.flatMap((one) => one.points),
    complete: each.every((one) => one.complete),
  };
}

/** The points of one metric in one or more runs. Long histories are thinned if the server supports it. */
export function metricHistoryQuery(runIds: string[], key: string, live: boolean) {
  return queryOptions({
    queryKey: ["metrics", "history", runIds, key],
    queryFn: ({ signal }) => ofRuns(runIds, key, signal),
    staleTime: live ? 0 : 60_000,
    refetchInterval: live ? 5_000 : false,
  });
}
