import { type RowSelectionState, useTable } from "@tanstack/react-table";
import { useVirtualizer } from "@tanstack/react-virtual";
import { type ReactNode, useEffect, useMemo, useRef } from "react";
import type { Run } from "@/api/types";
import type { Sort } from "@/lib/filters";
import { keysOf, rowOf } from "@/lib/run";
import { features, runColumns } from "./run-columns";
import { RunsHead } from "./runs-head";
import { RunsRow } from "./runs-row";
import css from "./runs-table.module.css";

const ROW = 33;
const HEAD = 58;
const SELECT = 36;

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

/**
 * The runs of an experiment. Only the visible rows and the visible metric and param columns are drawn. The columns
 * that identify a run stay in place while scrolling sideways.
 */
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
  const vertical = useVirtualizer({
    count: lines.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW,
    scrollPaddingStart: HEAD,
    overscan: 8,
  });
  const items = vertical.getVirtualItems();
  const lastShown = items.at(-1)?.index ?? 0;
  useEffect(() => {
    if (lastShown >= lines.length - 10) onEnd();
  }, [lastShown, lines.length, onEnd]);

  const leaves = table.getVisibleLeafColumns();
  const fixed = leaves.filter((column) => column.parent?.id === "run");
  const flowing = leaves.slice(fixed.length);
  const fixedWidth = fixed.reduce((width, column) => width + column.getSize(), SELECT);
  const horizontal = useVirtualizer({
    horizontal: true,
    count: flowing.length,
    getScrollElement: () => scroller.current,
    estimateSize: (index) => flowing[index]?.getSize() ?? 0,
    getItemKey: (index) => flowing[index]?.id ?? index,
    paddingStart: fixedWidth,
    overscan: 3,
  });
  const shape = flowing.map((column) => column.id).join(" ");
  // biome-ignore lint/correctness/useExhaustiveDependencies: the widths change with the columns
  useEffect(() => horizontal.measure(), [horizontal, shape, fixedWidth]);
  const across = horizontal.getVirtualItems();
  const first = across[0]?.index ?? 0;
  const window = {
    fixed: fixed.length,
    first,
    end: (across.at(-1)?.index ?? -1) + 1,
    gap: (across[0]?.start ?? fixedWidth) - fixedWidth,
  };

  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard
    <section aria-label="Runs" className={css.scroller} ref={scroller} tabIndex={0}>
      <div
        aria-colcount={leaves.length + 1}
        aria-label="Runs"
        aria-rowcount={lines.length + 1}
        className={css.table}
        role="table"
        style={{ minWidth: table.getTotalSize() + SELECT }}
      >
        <RunsHead
          allSelected={lines.length > 0 && table.getIsAllRowsSelected()}
          columns={leaves}
          onSelectAll={table.getToggleAllRowsSelectedHandler()}
          onSort={props.onSort}
          someSelected={table.getIsSomeRowsSelected()}
          sort={props.sort}
          window={window}
        />
        <div className={css.body} role="rowgroup" style={{ height: vertical.getTotalSize() }}>
          {items.map((item) => {
            const row = lines[item.index];
            return (
              row !== undefined && (
                <RunsRow
                  columns={columns}
                  end={window.end}
                  first={window.first}
                  fixed={window.fixed}
                  gap={window.gap}
                  index={item.index}
                  key={row.id}
                  row={row}
                  selected={row.getIsSelected()}
                  shape={shape}
                  top={item.start}
                />
              )
            );
          })}
        </div>
      </div>
      <div className={css.footer}>{props.footer}</div>
    </section>
  );
}
