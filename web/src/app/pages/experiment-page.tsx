import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { experimentQuery } from "@/api/experiments";
import { CopyButton } from "@/components/copy-button";
import { Crumbs } from "@/components/crumbs";
import { ErrorPanel } from "@/components/error-panel";
import { Page } from "@/components/page";
import { ExperimentMenu } from "@/features/experiments/experiment-menu";
import { RunsView, type RunsViewState } from "@/features/runs/runs-view";
import { usePageNavigate } from "../use-page-navigate";

const route = getRouteApi("/experiments/$experimentId");

export function ExperimentPage() {
  const { experimentId } = route.useParams();
  const params = route.useSearch();
  const navigate = usePageNavigate(route.id);
  const query = useQuery(experimentQuery(experimentId));
  const state: RunsViewState = {
    search: params.q ?? "",
    sort:
      params.sort === undefined
        ? undefined
        : { field: params.sort, descending: params.desc ?? false },
    deleted: params.deleted ?? false,
  };
  const change = (next: RunsViewState) =>
    void navigate({
      search: {
        q: next.search || undefined,
        sort: next.sort?.field,
        desc: next.sort?.descending || undefined,
        deleted: next.deleted || undefined,
      },
      replace: true,
    });
  const name = query.data?.name ?? `Experiment ${experimentId}`;
  return (
    <Page
      actions={
        query.data !== undefined && (
          <>
            <code title="Experiment ID">ID {experimentId}</code>
            <CopyButton label="Copy the experiment ID" text={experimentId} />
            <ExperimentMenu
              experiment={query.data}
              onDeleted={() => void navigate({ to: "/experiments" })}
            />
          </>
        )
      }
      crumbs={
        <Crumbs>
          <Link to="/experiments">Experiments</Link>
        </Crumbs>
      }
      fill
      title={name}
    >
      {query.isError ? (
        <ErrorPanel
          error={query.error}
          onRetry={() => void query.refetch()}
          what={`the experiment ${experimentId}`}
        />
      ) : (
        <RunsView
          experimentId={experimentId}
          onChange={change}
          onCompare={(runs) =>
            void navigate({
              to: "/experiments/$experimentId/compare",
              params: { experimentId },
              search: { runs: runs.join(",") },
            })
          }
          state={state}
        />
      )}
    </Page>
  );
}
