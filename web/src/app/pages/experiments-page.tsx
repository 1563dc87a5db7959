import { getRouteApi } from "@tanstack/react-router";
import { Page } from "@/components/page";
import { SearchBox } from "@/components/search-box";
import { CreateExperiment } from "@/features/experiments/create-experiment";
import { ExperimentList } from "@/features/experiments/experiment-list";
import { usePageNavigate } from "../use-page-navigate";

const route = getRouteApi("/experiments");

export function ExperimentsPage() {
  const { q = "" } = route.useSearch();
  const navigate = usePageNavigate(route.id);
  return (
    <Page
      actions={
        <>
          <SearchBox
            label="Search experiments"
            onSearch={(text) => void navigate({ search: { q: text || undefined }, replace: true })}
            placeholder="Search by name"
            value={q}
          />
          <CreateExperiment
            onCreated={(experimentId) =>
              void navigate({ to: "/experiments/$experimentId", params: { experimentId } })
            }
          />
        </>
      }
      title="Experiments"
    >
      <ExperimentList search={q} />
    </Page>
  );
}
