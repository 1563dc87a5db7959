import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { modelVersionQuery } from "@/api/model-versions";
import { Crumbs } from "@/components/crumbs";
import { ErrorPanel } from "@/components/error-panel";
import { Page } from "@/components/page";
import { SkeletonRows } from "@/components/skeleton-rows";
import { StageMenu } from "@/features/registry/stage-menu";
import { VersionDetail } from "@/features/registry/version-detail";
import { VersionMenu } from "@/features/registry/version-menu";
import { usePageNavigate } from "../use-page-navigate";

const route = getRouteApi("/models/$name/versions/$version");

export function VersionPage() {
  const { name, version } = route.useParams();
  const navigate = usePageNavigate(route.id);
  const query = useQuery(modelVersionQuery(name, version));
  return (
    <Page
      actions={
        query.isSuccess && (
          <>
            <StageMenu version={query.data} />
            <VersionMenu
              onDeleted={() => void navigate({ to: "/models/$name", params: { name } })}
              version={query.data}
            />
          </>
        )
      }
      crumbs={
        <Crumbs>
          <Link to="/models">Registered Models</Link>
          <Link params={{ name }} to="/models/$name">
            {name}
          </Link>
        </Crumbs>
      }
      heading={`Version ${version}`}
      title={`${name} version ${version}`}
    >
      {query.isPending && <SkeletonRows />}
      {query.isError && (
        <ErrorPanel
          error={query.error}
          onRetry={() => void query.refetch()}
          what={`version ${version} of ${name}`}
        />
      )}
      {query.isSuccess && <VersionDetail version={query.data} />}
    </Page>
  );
}
