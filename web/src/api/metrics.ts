import { queryOptions } from "@tanstack/react-query";
import { call } from "./client";
import type { Double, MetricWithRunId } from "./types";

/** How many points a chart can show. The server thins longer histories, and keeps their extremes. */
const POINTS = 2000;

interface Series {
  run_id: string;
  key: string;
  steps: number[];
  timestamps: number[];
  values: Double[];
}

async function charted(runIds: string[], key: string, signal: AbortSignal) {
  const answer = await call<{ series?: Series[] }>(
    "POST",
    "metrics/charts",
    { run_ids: runIds, keys: [key], max_points: POINTS },
    signal,
  );
  return (answer.series ?? []).flatMap(pointsOf);
}

function pointsOf({ run_id, key, steps, timestamps, values }: Series): MetricWithRunId[] {
  return values.map((value, index) => ({
    run_id,
    key,
    value,
    step: steps[index] ?? 0,
    timestamp: timestamps[index] ?? 0,
  }));
}

/** The points of one metric in one or more runs, as many of them as a chart can show. */
export function metricHistoryQuery(runIds: string[], key: string, live: boolean) {
  return queryOptions({
    queryKey: ["metrics", "history", runIds, key],
    queryFn: ({ signal }) => charted(runIds, key, signal),
    staleTime: live ? 0 : 60_000,
    refetchInterval: live ? 5_000 : false,
  });
}
