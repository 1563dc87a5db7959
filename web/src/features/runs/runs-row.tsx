import { Checkbox } from "@mantine/core";
import { type Cell, flexRender, type Row } from "@tanstack/react-table";
import { memo } from "react";
import { type RunRow, runName } from "@/lib/run";
import type { features } from "./run-columns";
import css from "./runs-table.module.css";

/** Which columns are drawn: the first `fixed` ones, and those from `first` up to `end` after them. */
export interface ColumnWindow {
  fixed: number;
  first: number;
  end: number;
  /** The width of the columns between these, which are not drawn. */
  gap: number;
}

interface RunsRowProps extends ColumnWindow {
  row: Row<typeof features, RunRow>;
  index: number;
  top: number;
  selected: boolean;
  /** Not read here: they only make the row render again when its cells have changed. */
  columns: unknown;
  shape: string;
}

function classOf(id: string): string {
  if (id === "name") return `${css.cell} ${css.name}`;
  return id.startsWith("metrics.") ? `${css.cell} ${css.number}` : (css.cell ?? "");
}

function RunCell({ cell, index }: { cell: Cell<typeof features, RunRow>; index: number }) {
  const { column } = cell;
  return (
    <div
      aria-colindex={index + 2}
      className={classOf(column.id)}
      role="cell"
      style={{ width: column.getSize() }}
    >
      {flexRender(column.columnDef.cell, cell.getContext())}
    </div>
  );
}

/** One run. It renders again only when its own props have changed. */
export const RunsRow = memo(function RunsRow(props: RunsRowProps) {
  const { row, fixed, first, end } = props;
  const cells = row.getVisibleCells();
  const draw = (from: number, to: number) =>
    cells
      .slice(from, to)
      .map((cell, offset) => <RunCell cell={cell} index={from + offset} key={cell.id} />);
  return (
    <div
      aria-rowindex={props.index + 2}
      aria-selected={props.selected}
      className={css.row}
      role="row"
      style={{ transform: `translateY(${props.top}px)` }}
    >
      <div className={css.select} role="cell">
        <Checkbox
          aria-label={`Select ${runName(row.original.run)}`}
          checked={props.selected}
          onChange={row.getToggleSelectedHandler()}
        />
      </div>
      {draw(0, fixed)}
      {props.gap > 0 && <div className={css.gap} style={{ width: props.gap }} />}
      {draw(fixed + first, fixed + end)}
    </div>
  );
});
