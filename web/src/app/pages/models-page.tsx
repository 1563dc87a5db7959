import { getRouteApi } from "@tanstack/react-router";
import { Page } from "@/components/page";
import { SearchBox } from "@/components/search-box";
import { ModelList } from "@/features/registry/model-list";
import { usePageNavigate } from "../use-page-navigate";

const route = getRouteApi("/models");

export function ModelsPage() {
  const { q = "" } = route.useSearch();
  const navigate = usePageNavigate(route.id);
  return (
    <Page
      actions={
        <SearchBox
          label="Search registered models"
          onSearch={(text) => void navigate({ search: { q: text || undefined }, replace: true })}
          placeholder="Search by name"
          value={q}
        />
      }
      title="Registered Models"
    >
      <ModelList search={q} />
    </Page>
  );
}
