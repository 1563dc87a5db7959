import type { Metric, Run } from "@/api/types";
import { baseName } from "./file-kinds";

export function tagOf(run: Run, key: string): string | undefined {
  return run.data?.tags?.find((tag) => tag.key === key)?.value;
}

export function runName(run: Run): string {
  return run.info.run_name || tagOf(run, "mlflow.runName") || run.info.run_id.slice(0, 8);
}

export function runUser(run: Run): string {
  return tagOf(run, "mlflow.user") || run.info.user_id || "";
}

/** The short name of the script or project a run came from. */
export function runSource(run: Run): string {
  const source = tagOf(run, "mlflow.source.name") ?? "";
  return baseName(source.replace(/\/+$/, "")) || source;
}

export function runDuration(run: Run, now: number): number | undefined {
  const { start_time: start, end_time: end, status } = run.info;
  if (!start) return undefined;
  if (end) return end - start;
  return status === "RUNNING" ? now - start : undefined;
}

export interface RunKeys {
  metrics: string[];
  params: string[];
}

/** All metric and parameter keys of the runs, sorted by name. */
export function keysOf(runs: Run[]): RunKeys {
  const metrics = new Set<string>();
  const params = new Set<string>();
  for (const run of runs) {
    for (const metric of run.data?.metrics ?? []) metrics.add(metric.key);
    for (const param of run.data?.params ?? []) params.add(param.key);
  }
  const byName = (a: string, b: string) => a.localeCompare(b, "en", { numeric: true });
  return { metrics: [...metrics].sort(byName), params: [...params].sort(byName) };
}

/** A run with its metrics and params by key, for a row of a table. */
export interface RunRow {
  run: Run;
  metrics: Map<string, Metric>;
  params: Map<string, string>;
}

export function rowOf(run: Run): RunRow {
  return {
    run,
    metrics: new Map((run.data?.metrics ?? []).map((metric) => [metric.key, metric])),
    params: new Map((run.data?.params ?? []).map((param) => [param.key, param.value])),
  };
}
