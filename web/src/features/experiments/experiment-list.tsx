import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { experimentsQuery } from "@/api/experiments";
import type { Experiment } from "@/api/types";
import { mainCell, minorCell, monoCell } from "@/components/data-table";
import { EmptyState } from "@/components/empty-state";
import { EntityList } from "@/components/entity-list";
import { TimeAgo } from "@/components/time-ago";
import { ExperimentMenu } from "./experiment-menu";

const COLUMNS = [
  { label: "Name" },
  { label: "ID" },
  { label: "Created" },
  { label: "Last updated", minor: true },
  { label: "Artifact location", minor: true },
  { label: "" },
];

function ExperimentRow({ experiment }: { experiment: Experiment }) {
  return (
    <tr>
      <td className={mainCell}>
        <Link params={{ experimentId: experiment.experiment_id }} to="/experiments/$experimentId">
          {experiment.name}
        </Link>
      </td>
      <td className={monoCell}>{experiment.experiment_id}</td>
      <td>
        <TimeAgo time={experiment.creation_time} />
      </td>
      <td className={minorCell}>
        <TimeAgo time={experiment.last_update_time} />
      </td>
      <td className={`${minorCell} ${monoCell}`}>{experiment.artifact_location}</td>
      <td>
        <ExperimentMenu experiment={experiment} />
      </td>
    </tr>
  );
}

export function ExperimentList({ search }: { search: string }) {
  const query = useInfiniteQuery({
    ...experimentsQuery(search),
    placeholderData: keepPreviousData,
  });
  return (
    <EntityList
      columns={COLUMNS}
      empty={
        <EmptyState command="mlyard run examples/tutorial" icon="flask" title="No experiments yet">
          An experiment collects the runs of one question. Run the tutorial to get the first one:
        </EmptyState>
      }
      label="Experiments"
      noun="experiment"
      query={query}
      rows={(page) =>
        (page.experiments ?? []).map((experiment) => (
          <ExperimentRow experiment={experiment} key={experiment.experiment_id} />
        ))
      }
      search={search}
    />
  );
}
