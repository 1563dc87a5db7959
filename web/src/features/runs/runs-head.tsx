import { Checkbox } from "@mantine/core";
import type { Column } from "@tanstack/react-table";
import type { Sort } from "@/lib/filters";
import type { RunRow } from "@/lib/run";
import type { features } from "./run-columns";
import type { ColumnWindow } from "./runs-row";
import css from "./runs-table.module.css";
import { SortHeader } from "./sort-header";

type RunColumn = Column<typeof features, RunRow>;

interface RunsHeadProps {
  columns: RunColumn[];
  window: ColumnWindow;
  sort: Sort | undefined;
  onSort: (sort: Sort | undefined) => void;
  allSelected: boolean;
  someSelected: boolean;
  onSelectAll: (event: unknown) => void;
}

const TITLES: [id: string, title: string][] = [
  ["run", "Run"],
  ["metrics", "Metrics"],
  ["params", "Parameters"],
];

const widthOf = (columns: RunColumn[]) =>
  columns.reduce((width, column) => width + column.getSize(), 0);

/** Two header rows: the groups of columns, and the columns with their sort order. */
export function RunsHead({ columns, window, ...props }: RunsHeadProps) {
  const { fixed, first, end, gap } = window;
  const drawn = [...columns.slice(0, fixed), ...columns.slice(fixed + first, fixed + end)];
  return (
    <div className={css.head} role="rowgroup">
      <div className={css.groups} role="row">
        <div className={`${css.select} ${css.headCell}`} role="columnheader" />
        {TITLES.map(([id, title]) => {
          const width = widthOf(columns.filter((column) => column.parent?.id === id));
          return (
            width > 0 && (
              <div
                className={id === "run" ? css.group : `${css.group} ${css.edge}`}
                key={id}
                role="columnheader"
                style={{ width }}
              >
                <span>{title}</span>
              </div>
            )
          );
        })}
      </div>
      <div className={css.headers} role="row">
        <div className={`${css.select} ${css.headCell}`} role="columnheader">
          <Checkbox
            aria-label="Select all runs"
            checked={props.allSelected}
            indeterminate={props.someSelected}
            onChange={props.onSelectAll}
          />
        </div>
        {drawn.flatMap((column, index) => {
          const before = columns[columns.indexOf(column) - 1];
          const header = (
            <SortHeader
              columnId={column.id}
              edge={before?.parent !== column.parent}
              key={column.id}
              label={String(column.columnDef.header)}
              onSort={props.onSort}
              sort={props.sort}
              width={column.getSize()}
            />
          );
          if (index !== fixed || gap <= 0) return [header];
          return [<div className={css.gap} key="gap" style={{ width: gap }} />, header];
        })}
      </div>
    </div>
  );
}
