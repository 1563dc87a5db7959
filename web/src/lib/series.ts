import type { MetricWithRunId } from "@/api/types";
import { toNumber } from "./numbers";

export type XAxis = "step" | "time";

export interface RunSeries {
  runId: string;
  points: MetricWithRunId[];
}

/** The points of each run, in the order of `runIds`. Those of a run are sorted by step and time. */
export function splitByRun(points: MetricWithRunId[], runIds: string[]): RunSeries[] {
  const byRun = new Map<string, MetricWithRunId[]>(runIds.map((id) => [id, []]));
  for (const point of points) byRun.get(point.run_id)?.push(point);
  for (const list of byRun.values())
    list.sort((a, b) => (a.step ?? 0) - (b.step ?? 0) || a.timestamp - b.timestamp);
  return runIds.map((runId) => ({ runId, points: byRun.get(runId) ?? [] }));
}

function xOf(point: MetricWithRunId, axis: XAxis, start: number): number {
  return axis === "step" ? (point.step ?? 0) : (point.timestamp - start) / 1000;
}

export type Column = (number | null)[];

/**
 * One sorted column of x and one column of y per run, as a chart takes them. A y is null if the run has no value at
 * that x or the value cannot be drawn. Time is in seconds since the run's own first point.
 */
export function alignSeries(
  series: RunSeries[],
  axis: XAxis,
  log: boolean,
): [number[], ...Column[]] {
  const maps = series.map(({ points }) => {
    const start = Math.min(...points.map((point) => point.timestamp));
    return new Map(points.map((point) => [xOf(point, axis, start), toNumber(point.value)]));
  });
  const xs = [...new Set(maps.flatMap((map) => [...map.keys()]))].sort((a, b) => a - b);
  const columns = maps.map((map) => xs.map((x) => drawable(map.get(x), log)));
  return [xs, ...columns];
}

function drawable(value: number | undefined, log: boolean): number | null {
  if (value === undefined || !Number.isFinite(value)) return null;
  return log && value <= 0 ? null : value;
}

/** Exponential smoothing with a weight from 0 (none) to 1, corrected so that it does not start at zero. */
export function smooth(column: Column, weight: number): Column {
  if (weight <= 0) return column;
  let last = 0;
  let seen = 0;
  return column.map((value) => {
    if (value === null) return null;
    seen += 1;
    last = last * weight + (1 - weight) * value;
    return last / (1 - weight ** seen);
  });
}

/** Whether any run has more than one point; otherwise numbers are enough. */
export function isLine(series: RunSeries[]): boolean {
  return series.some(({ points }) => points.length > 1);
}
