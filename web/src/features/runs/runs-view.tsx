import { SegmentedControl } from "@mantine/core";
import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import type { RowSelectionState } from "@tanstack/react-table";
import { useCallback, useMemo, useState } from "react";
import { ApiError } from "@/api/client";
import { isLive, runsQuery } from "@/api/runs";
import { EmptyState } from "@/components/empty-state";
import { ErrorPanel } from "@/components/error-panel";
import { LoadMore } from "@/components/load-more";
import { SkeletonRows } from "@/components/skeleton-rows";
import { Toolbar } from "@/components/toolbar";
import { orderBy, runFilter, type Sort } from "@/lib/filters";
import { plural } from "@/lib/numbers";
import { keysOf } from "@/lib/run";
import { ColumnPicker } from "./column-picker";
import { RunSearchBox } from "./run-search-box";
import { RunsTable } from "./runs-table";
import { SelectionBar } from "./selection-bar";
import { useColumns } from "./use-columns";

export interface RunsViewState {
  search: string;
  sort: Sort | undefined;
  deleted: boolean;
}

interface RunsViewProps {
  experimentId: string;
  state: RunsViewState;
  onChange: (state: RunsViewState) => void;
  onCompare: (runIds: string[]) => void;
}

export function RunsView({ experimentId, state, onChange, onCompare }: RunsViewProps) {
  const query = useInfiniteQuery({
    ...runsQuery({
      experimentId,
      filter: runFilter(state.search),
      orderBy: orderBy(state.sort),
      view: state.deleted ? "DELETED_ONLY" : "ACTIVE_ONLY",
    }),
    placeholderData: keepPreviousData,
    refetchInterval: ({ state: { data } }) =>
      data?.pages.length === 1 && data.pages[0]?.runs?.some((run) => isLive(run.info.status))
        ? 10_000
        : false,
  });
  const runs = useMemo(
    () => query.data?.pages.flatMap((page) => page.runs ?? []) ?? [],
    [query.data],
  );
  const keys = useMemo(() => keysOf(runs), [runs]);
  const { visible, pick } = useColumns(experimentId, keys);
  const [marked, setMarked] = useState<RowSelectionState>({});
  const selected = runs.filter((run) => marked[run.info.run_id]);
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = query;
  const onEnd = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, fetchNextPage]);

  const badFilter =
    query.error instanceof ApiError && query.error.status === 400 && state.search !== ""
      ? query.error
      : null;
  return (
    <>
      <Toolbar>
        <RunSearchBox
          error={badFilter}
          onSearch={(search) => onChange({ ...state, search })}
          value={state.search}
        />
        <SegmentedControl
          aria-label="Which runs"
          data={["Active", "Deleted"]}
          onChange={(value) => onChange({ ...state, deleted: value === "Deleted" })}
          value={state.deleted ? "Deleted" : "Active"}
        />
        <ColumnPicker keys={keys} onPick={pick} visible={visible} />
        <SelectionBar
          deleted={state.deleted}
          onClear={() => setMarked({})}
          onCompare={() => onCompare(selected.map((run) => run.info.run_id))}
          onDone={(ids) =>
            setMarked((now) =>
              Object.fromEntries(Object.entries(now).filter(([id]) => !ids.includes(id))),
            )
          }
          runs={selected}
        />
      </Toolbar>
      {query.isPending && <SkeletonRows rows={10} />}
      {badFilter !== null && (
        <EmptyState icon="alert" title="The server does not understand this search">
          Its answer is below the search box. The question mark shows examples.
        </EmptyState>
      )}
      {query.isError && badFilter === null && (
        <ErrorPanel
          error={query.error}
          onRetry={() => void query.refetch()}
          what={`the runs of experiment ${experimentId}`}
        />
      )}
      {query.isSuccess && runs.length === 0 && <NoRuns state={state} />}
      {query.isSuccess && runs.length > 0 && (
        <RunsTable
          footer={
            <>
              {plural(runs.length, "run")}
              {hasNextPage ? " loaded" : ""}
              <LoadMore
                busy={isFetchingNextPage}
                more={hasNextPage}
                onMore={() => void fetchNextPage()}
              />
            </>
          }
          onEnd={onEnd}
          onSelect={setMarked}
          onSort={(sort) => onChange({ ...state, sort })}
          runs={runs}
          selected={marked}
          sort={state.sort}
          visible={visible}
        />
      )}
    </>
  );
}

function NoRuns({ state }: { state: RunsViewState }) {
  if (state.search !== "") return <EmptyState icon="search" title="No run matches this search" />;
  if (state.deleted) return <EmptyState icon="trash" title="No deleted runs here" />;
  return (
    <EmptyState command="mlyard run examples/tutorial" icon="flask" title="No runs yet">
      Log the first one from Python with <code>mlyard.start_run()</code>, or run the tutorial:
    </EmptyState>
  );
}
