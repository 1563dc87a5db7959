import { Button } from "@mantine/core";
import { useQueries } from "@tanstack/react-query";
import { useCallback, useMemo, useState } from "react";
import { metricHistoryQuery } from "@/api/metrics";
import type { MetricWithRunId } from "@/api/types";
import { EmptyState } from "@/components/empty-state";
import { Panel } from "@/components/panel";
import { isLine, splitByRun } from "@/lib/series";
import { ChartTools, type ChartView } from "./chart-tools";
import { seriesColor } from "./line-style";
import { MetricCard } from "./metric-card";
import css from "./metric-charts.module.css";
import { SingleValues } from "./single-values";

export interface ChartedRun {
  runId: string;
  name: string;
}

interface MetricChartsProps {
  runs: ChartedRun[];
  metrics: string[];
  /** Some of the runs are still active: the histories are polled. */
  live: boolean;
}

const BATCH = 24;

/** The metrics of one or more runs: a line chart for a history, a bar or a number for a single value. */
export function MetricCharts({ runs, metrics, live }: MetricChartsProps) {
  const [view, setView] = useState<ChartView>({ axis: "step", log: false, smoothing: 0, text: "" });
  const [limit, setLimit] = useState(BATCH);
  const runIds = useMemo(() => runs.map((run) => run.runId), [runs]);
  const found = metrics.filter((key) => key.toLowerCase().includes(view.text.trim().toLowerCase()));
  const shown = found.slice(0, limit);
  // A stable function, so that a chart is drawn again only when its own points change.
  const select = useCallback((points: MetricWithRunId[]) => splitByRun(points, runIds), [runIds]);
  const histories = useQueries({
    queries: shown.map((key) => ({ ...metricHistoryQuery(runIds, key, live), select })),
  });
  const entries = shown.map((key, index) => {
    const query = histories[index];
    const series = query?.data;
    return { key, query, series, line: series === undefined || isLine(series) };
  });
  const lines = useMemo(
    () => runs.map((run, index) => ({ name: run.name, color: seriesColor(index) })),
    [runs],
  );
  const singles = entries.flatMap(({ key, series, line }) =>
    series === undefined || line ? [] : [{ key, series }],
  );

  if (metrics.length === 0)
    return (
      <Panel id="charts" title="Charts">
        <EmptyState icon="flask" title="Nothing to draw yet">
          Charts appear with the first <code>mlyard.log_metric(key, value, step=…)</code>.
        </EmptyState>
      </Panel>
    );
  return (
    <Panel
      count={metrics.length}
      id="charts"
      title="Charts"
      tools={<ChartTools onChange={setView} searchable={metrics.length > 6} view={view} />}
    >
      <div className={css.body}>
        <div className={css.grid}>
          {entries
            .filter((entry) => entry.line)
            .map(({ key, query, series }) => (
              <MetricCard
                error={query?.error ?? null}
                key={key}
                lines={lines}
                name={key}
                onRetry={() => void query?.refetch()}
                series={series}
                view={view}
              />
            ))}
        </div>
        <SingleValues lines={lines} metrics={singles} />
        {found.length === 0 && <p className={css.none}>No metric matches “{view.text}”.</p>}
        {found.length > limit && (
          <Button onClick={() => setLimit(limit + BATCH)} variant="default">
            Show {Math.min(BATCH, found.length - limit)} more of {found.length}
          </Button>
        )}
      </div>
    </Panel>
  );
}
