import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useEffect } from "react";
import { loggedModelQuery } from "@/api/logged-models";
import { EmptyState } from "@/components/empty-state";
import { ErrorPanel } from "@/components/error-panel";
import { Page } from "@/components/page";
import { SkeletonRows } from "@/components/skeleton-rows";
import { usePageNavigate } from "../use-page-navigate";
import { RunCrumbs } from "./run-crumbs";

const route = getRouteApi("/experiments/$experimentId/models/$modelId");

/** A link to a logged model opens it among the artifacts of its run. */
export function LoggedModelPage() {
  const { experimentId, modelId } = route.useParams();
  const query = useQuery(loggedModelQuery(modelId));
  const runId = query.data?.info.source_run_id;
  const navigate = usePageNavigate(route.id);
  useEffect(() => {
    if (runId)
      void navigate({
        to: "/experiments/$experimentId/runs/$runId",
        params: { experimentId, runId },
        search: { model: modelId },
        replace: true,
      });
  }, [navigate, experimentId, runId, modelId]);
  return (
    <Page
      crumbs={<RunCrumbs experimentId={experimentId} />}
      title={query.data?.info.name ?? modelId}
    >
      {(query.isPending || runId) && <SkeletonRows />}
      {query.isError && (
        <ErrorPanel
          error={query.error}
          onRetry={() => void query.refetch()}
          what={`the logged model ${modelId}`}
        />
      )}
      {query.isSuccess && !runId && (
        <EmptyState icon="model" title="This model was logged outside a run">
          It can be loaded with <code>models:/{modelId}</code>.
        </EmptyState>
      )}
    </Page>
  );
}
