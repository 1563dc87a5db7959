import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { registeredModelsQuery } from "@/api/registered-models";
import type { RegisteredModel } from "@/api/types";
import { AliasChip } from "@/components/chip";
import { mainCell, minorCell } from "@/components/data-table";
import { EmptyState } from "@/components/empty-state";
import { EntityList } from "@/components/entity-list";
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
  const query = useInfiniteQuery({
    ...registeredModelsQuery(search),
    placeholderData: keepPreviousData,
  });
  return (
    <EntityList
      columns={COLUMNS}
      empty={
        <EmptyState
          command="mlyard run examples/tutorial"
          icon="model"
          title="No registered models yet"
        >
          Open a run, select a logged model under Artifacts and press “Register Model”. To get a run
          with a model:
        </EmptyState>
      }
      label="Registered models"
      noun="model"
      query={query}
      rows={(page) =>
        (page.registered_models ?? []).map((model) => <ModelRow key={model.name} model={model} />)
      }
      search={search}
    />
  );
}
