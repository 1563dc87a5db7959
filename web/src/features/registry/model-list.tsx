import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { registeredModelsQuery } from "@/api/registered-models";
import type { RegisteredModel } from "@/api/types";
import { AliasChip } from "@/components/chip";
import { DataTable, mainCell, minorCell } from "@/components/data-table";
import { EmptyState } from "@/components/empty-state";
import { ErrorPanel } from "@/components/error-panel";
import { LoadMore } from "@/components/load-more";
import { Panel } from "@/components/panel";
import { SkeletonRows } from "@/components/skeleton-rows";
import { TimeAgo } from "@/components/time-ago";
import { newestVersion } from "./newest-version";
import css from "./registry.module.css";
import { StageLinks } from "./stage-links";

const COLUMNS = [
  { label: "Name" },
  { label: "Latest version" },
  { label: "Stages" },
  { label: "Aliases" },
  { label: "Modified" },
  { label: "Description", minor: true },
];

function ModelRow({ model }: { model: RegisteredModel }) {
  const newest = newestVersion(model);
  return (
    <tr>
      <td className={mainCell}>
        <Link params={{ name: model.name }} to="/models/$name">
          {model.name}
        </Link>
      </td>
      <td>
        {newest === undefined ? (
          "—"
        ) : (
          <Link
            params={{ name: model.name, version: newest.version }}
            to="/models/$name/versions/$version"
          >
            Version {newest.version}
          </Link>
        )}
      </td>
      <td>
        <StageLinks versions={model.latest_versions ?? []} />
      </td>
      <td>
        <span className={css.chips}>
          {model.aliases?.map(({ alias, version }) => (
            <span key={alias} title={`Version ${version}`}>
              <AliasChip alias={alias} />
            </span>
          ))}
        </span>
      </td>
      <td>
        <TimeAgo time={model.last_updated_timestamp} />
      </td>
      <td className={minorCell}>
        <span className={css.clamped}>{model.description}</span>
      </td>
    </tr>
  );
}

export function ModelList({ search }: { search: string }) {
  // The old rows stay until the new ones come, or a click on one of them would meet a row that is gone.
  const query = useInfiniteQuery({
    ...registeredModelsQuery(search),
    placeholderData: keepPreviousData,
  });
  if (query.isPending) return <SkeletonRows />;
  if (query.isError)
    return (
      <ErrorPanel
        error={query.error}
        onRetry={() => void query.refetch()}
        what="the list of registered models"
      />
    );
  const models = query.data.pages.flatMap((page) => page.registered_models ?? []);
  if (models.length === 0 && query.isPlaceholderData) return <SkeletonRows />;
  if (models.length === 0 && search !== "")
    return <EmptyState icon="search" title={`No model is named like “${search}”`} />;
  if (models.length === 0)
    return (
      <EmptyState
        command="mlyard run examples/tutorial"
        icon="model"
        title="No registered models yet"
      >
        Open a run, select a logged model under Artifacts and press “Register Model”. To get a run
        with a model:
      </EmptyState>
    );
  return (
    <Panel bare title="All models">
      <DataTable columns={COLUMNS} label="Registered models">
        {models.map((model) => (
          <ModelRow key={model.name} model={model} />
        ))}
      </DataTable>
      <LoadMore
        busy={query.isFetchingNextPage}
        more={query.hasNextPage}
        onMore={() => void query.fetchNextPage()}
      />
    </Panel>
  );
}
