import { useQueries } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useMemo } from "react";
import { isLive, runQuery } from "@/api/runs";
import { EmptyState } from "@/components/empty-state";
import { ErrorPanel } from "@/components/error-panel";
import { Page } from "@/components/page";
import { SkeletonRows } from "@/components/skeleton-rows";
import { seriesColor } from "@/features/charts/line-style";
import { MetricCharts } from "@/features/charts/metric-charts";
import { CompareView } from "@/features/runs/compare-view";
import { plural } from "@/lib/numbers";
import { keysOf, runName } from "@/lib/run";
import { RunCrumbs } from "./run-crumbs";
import css from "./run-page.module.css";

const route = getRouteApi("/experiments/$experimentId/compare");

export function ComparePage() {
  const { experimentId } = route.useParams();
  const { runs: list = "" } = route.useSearch();
  const ids = useMemo(() => list.split(",").filter((id) => id !== ""), [list]);
  const queries = useQueries({ queries: ids.map(runQuery) });
  const runs = queries.flatMap((query) => (query.data === undefined ? [] : [query.data]));
  const failed = queries.find((query) => query.isError);
  const names = runs.map((run) => `${run.info.run_id} ${runName(run)}`).join("\n");
  const charted = useMemo(
    () =>
      names
        .split("\n")
        .filter((line) => line !== "")
        .map((line) => ({
          runId: line.slice(0, line.indexOf(" ")),
          name: line.slice(line.indexOf(" ") + 1),
        })),
    [names],
  );
  return (
    <Page
      crumbs={<RunCrumbs experimentId={experimentId} />}
      title={`Compare ${plural(ids.length, "run")}`}
    >
      {ids.length === 0 && (
        <EmptyState icon="compare" title="No runs to compare">
          Select some in the table of an experiment and press “Compare”.
        </EmptyState>
      )}
      {failed?.error && (
        <ErrorPanel
          error={failed.error}
          onRetry={() => void failed.refetch()}
          what="one of these runs"
        />
      )}
      {queries.some((query) => query.isPending) ? (
        <SkeletonRows rows={10} />
      ) : (
        <div className={css.sections}>
          {runs.length > 0 && (
            <CompareView colors={runs.map((_, index) => seriesColor(index))} runs={runs} />
          )}
          {runs.length > 0 && (
            <MetricCharts
              live={runs.some((run) => isLive(run.info.status))}
              metrics={keysOf(runs).metrics}
              runs={charted}
            />
          )}
        </div>
      )}
    </Page>
  );
}
