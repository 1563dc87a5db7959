import { Icon } from "@/components/icon";
import type { Sort } from "@/lib/filters";
import { sortField } from "./run-columns";
import css from "./runs-table.module.css";

interface SortHeaderProps {
  columnId: string;
  label: string;
  width: number;
  /** The first column of its group. */
  edge: boolean;
  sort: Sort | undefined;
  onSort: (sort: Sort | undefined) => void;
}

/** First click: ascending, second: descending, third: newest runs first. Times start with descending. */
function nextSort(field: string, sort: Sort | undefined): Sort | undefined {
  const downFirst = field === "attributes.start_time";
  if (sort?.field !== field) return { field, descending: downFirst };
  return sort.descending === downFirst ? { field, descending: !downFirst } : undefined;
}

export function SortHeader({ columnId, label, width, edge, sort, onSort }: SortHeaderProps) {
  const field = sortField(columnId);
  const active = sort !== undefined && sort.field === field;
  const order = active ? (sort.descending ? "descending" : "ascending") : undefined;
  const classes = [css.headCell, css.cell];
  if (columnId === "name") classes.push(css.name);
  if (columnId.startsWith("metrics.")) classes.push(css.number);
  if (edge && columnId.includes(".")) classes.push(css.edge);
  return (
    <div aria-sort={order} className={classes.join(" ")} role="columnheader" style={{ width }}>
      {field === undefined ? (
        <span>{label}</span>
      ) : (
        <button
          className={css.sort}
          onClick={() => onSort(nextSort(field, sort))}
          title={label}
          type="button"
        >
          <span>{label}</span>
          {active && <Icon name={sort.descending ? "down" : "up"} size={12} />}
        </button>
      )}
    </div>
  );
}
