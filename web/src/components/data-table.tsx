import type { ReactNode } from "react";
import css from "./data-table.module.css";

export interface TableColumn {
  label: string;
  /** Hidden on narrow screens. */
  minor?: boolean;
}

interface DataTableProps {
  label: string;
  columns: TableColumn[];
  /** `<tr>` elements. Cells of minor columns have the class `minorCell`. */
  children: ReactNode;
}

export const minorCell = css.minor;
export const mainCell = css.main;
export const monoCell = css.mono;

export function DataTable({ label, columns, children }: DataTableProps) {
  return (
    <div className={css.scroll}>
      <table aria-label={label} className={css.table}>
        <thead>
          <tr>
            {columns.map((column) => (
              <th className={column.minor ? css.minor : undefined} key={column.label} scope="col">
                {column.label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </div>
  );
}
