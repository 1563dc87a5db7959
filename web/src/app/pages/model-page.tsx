import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { registeredModelQuery } from "@/api/registered-models";
import { Crumbs } from "@/components/crumbs";
import { ErrorPanel } from "@/components/error-panel";
import { Page } from "@/components/page";
import { SkeletonRows } from "@/components/skeleton-rows";
import { ModelMenu } from "@/features/registry/model-menu";
import { ModelOverview } from "@/features/registry/model-overview";
import { usePageNavigate } from "../use-page-navigate";

const route = getRouteApi("/models/$name");

export function ModelPage() {
  const { name } = route.useParams();
  const navigate = usePageNavigate(route.id);
  const query = useQuery(registeredModelQuery(name));
  return (
    <Page
      actions={
        query.isSuccess && (
          <ModelMenu
            name={name}
            onDeleted={() => void navigate({ to: "/models" })}
            onRenamed={(newName) =>
              void navigate({ to: "/models/$name", params: { name: newName }, replace: true })
            }
          />
        )
      }
      crumbs={
        <Crumbs>
          <Link to="/models">Registered Models</Link>
        </Crumbs>
      }
      title={name}
    >
      {query.isPending && <SkeletonRows />}
      {query.isError && (
        <ErrorPanel
          error={query.error}
          onRetry={() => void query.refetch()}
          what={`the model ${name}`}
        />
      )}
      {query.isSuccess && <ModelOverview model={query.data} />}
    </Page>
  );
}
