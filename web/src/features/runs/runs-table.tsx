import { Checkbox } from "@mantine/core";
import { type RowSelectionState, useTable } from "@tanstack/react-table";
import { useVirtualizer } from "@tanstack/react-virtual";
import { type ReactNode, useEffect, useMemo, useRef } from "react";
import type { Run } from "@/api/types";
import type { Sort } from "@/lib/filters";
import { keysOf, rowOf, runName } from "@/lib/run";
import { features, runColumns } from "./run-columns";
import css from "./runs-table.module.css";
import { SortHeader } from "./sort-header";

const ROW = 33;
const HEAD = 58;

interface RunsTableProps {
  runs: Run[];
  visible: Record<string, boolean>;
  sort: Sort | undefined;
  onSort: (sort: Sort | undefined) => void;
  selected: RowSelectionState;
  onSelect: (selected: RowSelectionState) => void;
  /** Called when the last rows come into view. */
  onEnd: () => void;
  footer: ReactNode;
}

/** The runs of an experiment: virtual rows, the name stays in view while scrolling sideways. */
export function RunsTable(props: RunsTableProps) {
  const { runs, visible, selected, onSelect, onEnd } = props;
  const rows = useMemo(() => runs.map(rowOf), [runs]);
  const columns = useMemo(() => runColumns(keysOf(runs), rows), [runs, rows]);
  const table = useTable({
    features,
    columns,
    data: rows,
    getRowId: (row) => row.run.info.run_id,
    state: { columnVisibility: visible, rowSelection: selected },
    onRowSelectionChange: (update) =>
      onSelect(typeof update === "function" ? update(selected) : update),
  });
  const scroller = useRef<HTMLDivElement>(null);
  const lines = table.getRowModel().rows;
  const virtual = useVirtualizer({
    count: lines.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW,
    scrollPaddingStart: HEAD,
    overscan: 12,
  });
  const items = virtual.getVirtualItems();
  const lastShown = items.at(-1)?.index ?? 0;
  useEffect(() => {
    if (lastShown >= lines.length - 10) onEnd();
  }, [lastShown, lines.length, onEnd]);

  const width = table.getTotalSize() + 36;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard
    <section aria-label="Runs" className={css.scroller} ref={scroller} tabIndex={0}>
      <div
        aria-label="Runs"
        aria-rowcount={lines.length + 1}
        className={css.table}
        role="table"
        style={{ minWidth: width }}
      >
        <div className={css.head} role="rowgroup">
          {table.getHeaderGroups().map((group, depth) => (
            <div className={depth === 0 ? css.groups : css.headers} key={group.id} role="row">
              <div className={`${css.select} ${css.headCell}`} role="columnheader">
                {depth > 0 && (
                  <Checkbox
                    aria-label="Select all runs"
                    checked={lines.length > 0 && table.getIsAllRowsSelected()}
                    indeterminate={table.getIsSomeRowsSelected()}
                    onChange={table.getToggleAllRowsSelectedHandler()}
                  />
                )}
              </div>
              {group.headers.map((header) =>
                depth === 0 ? (
                  <div
                    className={`${css.group} ${header.column.id === "run" ? "" : css.edge}`}
                    key={header.id}
                    role="columnheader"
                    style={{ width: header.getSize() }}
                  >
                    <span>{String(header.column.columnDef.header)}</span>
                  </div>
                ) : (
                  <SortHeader
                    columnId={header.column.id}
                    edge={
                      header.column.parent?.getLeafColumns().find((c) => c.getIsVisible()) ===
                      header.column
                    }
                    key={header.id}
                    label={String(header.column.columnDef.header)}
                    onSort={props.onSort}
                    sort={props.sort}
                    width={header.getSize()}
                  />
                ),
              )}
            </div>
          ))}
        </div>
        <div className={css.body} role="rowgroup" style={{ height: virtual.getTotalSize() }}>
          {items.map((item) => {
            const row = lines[item.index];
            if (row === undefined) return null;
            return (
              <div
                aria-rowindex={item.index + 2}
                aria-selected={row.getIsSelected()}
                className={css.row}
                key={row.id}
                role="row"
                style={{ transform: `translateY(${item.start}px)` }}
              >
                <div className={css.select} role="cell">
                  <Checkbox
                    aria-label={`Select ${runName(row.original.run)}`}
                    checked={row.getIsSelected()}
                    onChange={row.getToggleSelectedHandler()}
                  />
                </div>
                {row.getVisibleCells().map((cell) => (
                  <div
                    className={`${css.cell} ${cell.column.id === "name" ? css.name : ""} ${
                      cell.column.id.startsWith("metrics.") ? css.number : ""
                    }`}
                    key={cell.id}
                    role="cell"
                    style={{ width: cell.column.getSize() }}
                  >
                    <table.FlexRender cell={cell} />
                  </div>
                ))}
              </div>
            );
          })}
        </div>
      </div>
      <div className={css.footer}>{props.footer}</div>
    </section>
  );
}
