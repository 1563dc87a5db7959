import type { InfiniteData, UseInfiniteQueryResult } from "@tanstack/react-query";
import type { ReactElement, ReactNode } from "react";
import { DataTable, type TableColumn } from "./data-table";
import { EmptyState } from "./empty-state";
import { ErrorPanel } from "./error-panel";
import { LoadMore } from "./load-more";
import { Panel } from "./panel";
import { SkeletonRows } from "./skeleton-rows";

interface EntityListProps<Page> {
  /** "experiment" */
  noun: string;
  /** The name of the table: "Experiments". */
  label: string;
  /** The text that was searched for; empty for all entities. */
  search: string;
  /**
   * Made with `placeholderData: keepPreviousData`. Without that a click could land on a row that has just been
   * replaced by the skeleton of the next search.
   */
  query: UseInfiniteQueryResult<InfiniteData<Page>>;
  columns: TableColumn[];
  /** The `<tr>` elements of one page, each with its key. */
  rows: (page: Page) => ReactElement[];
  /** Shown when nothing exists yet. */
  empty: ReactNode;
}

/** The entities that a search finds, in a table that loads more on demand. */
export function EntityList<Page>(props: EntityListProps<Page>) {
  const { noun, label, search, query, columns } = props;
  if (query.isPending) return <SkeletonRows />;
  if (query.isError)
    return (
      <ErrorPanel
        error={query.error}
        onRetry={() => void query.refetch()}
        what={`the list of ${label.toLowerCase()}`}
      />
    );
  const rows = query.data.pages.flatMap(props.rows);
  if (rows.length === 0 && query.isPlaceholderData) return <SkeletonRows />;
  if (rows.length === 0 && search !== "")
    return <EmptyState icon="search" title={`No ${noun} is named like “${search}”`} />;
  if (rows.length === 0) return props.empty;
  return (
    <Panel bare title={`All ${noun}s`}>
      <DataTable columns={columns} label={label}>
        {rows}
      </DataTable>
      <LoadMore
        busy={query.isFetchingNextPage}
        more={query.hasNextPage}
        onMore={() => void query.fetchNextPage()}
      />
    </Panel>
  );
}
