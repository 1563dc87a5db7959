import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { lazy, Suspense, useMemo } from "react";
import { loggedModelsOfRunQuery } from "@/api/logged-models";
import { isLive, runQuery } from "@/api/runs";
import type { Run } from "@/api/types";
import { Chip } from "@/components/chip";
import { ErrorPanel } from "@/components/error-panel";
import { JumpTo } from "@/components/jump-to";
import { Page } from "@/components/page";
import { RunStatus } from "@/components/run-status";
import { SkeletonRows } from "@/components/skeleton-rows";
import { ArtifactBrowser } from "@/features/artifacts/artifact-browser";
import type { ModelFolder } from "@/features/artifacts/selection";
import { RegisterButton } from "@/features/registry/register-button";
import { RegisteredAs } from "@/features/registry/registered-as";
import { RunFacts } from "@/features/runs/run-facts";
import { RunMenu } from "@/features/runs/run-menu";
import { RunOverview } from "@/features/runs/run-overview";
import { keysOf, runName } from "@/lib/run";
import { usePageNavigate } from "../use-page-navigate";
import { RunCrumbs } from "./run-crumbs";
import css from "./run-page.module.css";

const MetricCharts = lazy(() =>
  import("@/features/charts/metric-charts").then((module) => ({ default: module.MetricCharts })),
);

const SECTIONS = [
  { id: "charts", label: "Charts" },
  { id: "artifacts", label: "Artifacts" },
];

const route = getRouteApi("/experiments/$experimentId/runs/$runId");

export function RunPage() {
  const { experimentId, runId } = route.useParams();
  const navigate = usePageNavigate(route.id);
  const query = useQuery(runQuery(runId));
  const run = query.data;
  const name = run === undefined ? `Run ${runId.slice(0, 8)}` : runName(run);
  return (
    <Page
      actions={
        run !== undefined && (
          <>
            <RegisteredAs runId={runId} />
            <JumpTo targets={SECTIONS} />
            <RunMenu
              onDeleted={() =>
                void navigate({ to: "/experiments/$experimentId", params: { experimentId } })
              }
              run={run}
            />
          </>
        )
      }
      crumbs={<RunCrumbs experimentId={run?.info.experiment_id ?? experimentId} />}
      heading={
        <>
          {name}
          {run !== undefined && <RunStatus lost={run.info.lost} status={run.info.status} />}
          {run?.info.lifecycle_stage === "deleted" && <Chip tone="bad">Deleted</Chip>}
        </>
      }
      title={name}
    >
      {query.isPending && <SkeletonRows rows={10} />}
      {query.isError && (
        <ErrorPanel
          error={query.error}
          onRetry={() => void query.refetch()}
          what={`the run ${runId}`}
        />
      )}
      {run !== undefined && <RunSections run={run} />}
    </Page>
  );
}

function RunSections({ run }: { run: Run }) {
  const runId = run.info.run_id;
  const name = runName(run);
  const charted = useMemo(() => [{ runId, name }], [runId, name]);
  const metrics = useMemo(() => keysOf([run]).metrics, [run]);
  return (
    <>
      <RunFacts run={run} />
      <div className={css.sections}>
        <RunOverview run={run} />
        <Suspense fallback={<SkeletonRows />}>
          <MetricCharts live={isLive(run.info.status)} metrics={metrics} runs={charted} />
        </Suspense>
        <RunArtifacts run={run} />
      </div>
    </>
  );
}

function RunArtifacts({ run }: { run: Run }) {
  const runId = run.info.run_id;
  const params = route.useSearch();
  const navigate = usePageNavigate(route.id);
  const { data: logged = [] } = useQuery(loggedModelsOfRunQuery(run.info.experiment_id, runId));
  const models = logged.map(({ info }) => ({ modelId: info.model_id, name: info.name }));
  const chosen = params.artifact !== undefined || params.model !== undefined;
  const selection = chosen
    ? {
        path: params.artifact ?? "",
        isFolder: params.folder === true || params.artifact === undefined,
        modelId: params.model,
      }
    : undefined;
  const actions = ({ path, modelId }: ModelFolder) => {
    const uri = modelId === undefined ? `runs:/${runId}/${path}` : `models:/${modelId}`;
    return (
      <>
        <RegisteredAs of={{ uri, modelId, path }} runId={runId} />
        <RegisterButton key={uri} source={{ runId, uri, modelId }} />
      </>
    );
  };
  return (
    <ArtifactBrowser
      modelActions={actions}
      models={models}
      onSelect={({ path, isFolder, modelId }) =>
        void navigate({
          search: {
            artifact: path || undefined,
            folder: (isFolder && path !== "") || undefined,
            model: modelId,
          },
          replace: true,
          resetScroll: false,
        })
      }
      runId={runId}
      selection={selection}
    />
  );
}
