import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { experimentsQuery } from "@/api/experiments";
import type { Experiment } from "@/api/types";
import { DataTable, mainCell, minorCell, monoCell } from "@/components/data-table";
import { EmptyState } from "@/components/empty-state";
import { ErrorPanel } from "@/components/error-panel";
import { LoadMore } from "@/components/load-more";
import { Panel } from "@/components/panel";
import { SkeletonRows } from "@/components/skeleton-rows";
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
  // The old rows stay until the new ones come, or a click on one of them would meet a row that is gone.
  const query = useInfiniteQuery({
    ...experimentsQuery(search),
    placeholderData: keepPreviousData,
  });
  if (query.isPending) return <SkeletonRows />;
  if (query.isError)
    return (
      <ErrorPanel
        error={query.error}
        onRetry={() => void query.refetch()}
        what="the list of experiments"
      />
    );
  const experiments = query.data.pages.flatMap((page) => page.experiments ?? []);
  if (experiments.length === 0 && query.isPlaceholderData) return <SkeletonRows />;
  if (experiments.length === 0 && search !== "")
    return <EmptyState icon="search" title={`No experiment is named like “${search}”`} />;
  if (experiments.length === 0)
    return (
      <EmptyState command="mlyard run examples/tutorial" icon="flask" title="No experiments yet">
        An experiment collects the runs of one question. Run the tutorial to get the first one:
      </EmptyState>
    );
  return (
    <Panel bare title="All experiments">
      <DataTable columns={COLUMNS} label="Experiments">
        {experiments.map((experiment) => (
          <ExperimentRow experiment={experiment} key={experiment.experiment_id} />
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
