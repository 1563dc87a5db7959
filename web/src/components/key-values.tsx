import { type ReactNode, useState } from "react";
import { FilterInput } from "./filter-input";
import css from "./key-values.module.css";
import { Panel } from "./panel";

export interface KeyValue {
  key: string;
  value: string;
  /** Content of the cell, if it is more than the text of the value. */
  cell?: ReactNode;
  note?: string;
}

interface KeyValuesProps {
  title: string;
  rows: KeyValue[];
  empty: string;
  numeric?: boolean;
}

const SEARCH_FROM = 6;

/** A searchable two-column table: parameters, metrics. */
export function KeyValues({ title, rows, empty, numeric = false }: KeyValuesProps) {
  const [text, setText] = useState("");
  const wanted = text.trim().toLowerCase();
  const shown = rows.filter(
    (row) => row.key.toLowerCase().includes(wanted) || row.value.toLowerCase().includes(wanted),
  );
  const tools =
    rows.length >= SEARCH_FROM ? (
      <FilterInput label={`Search ${title.toLowerCase()}`} onChange={setText} value={text} />
    ) : undefined;
  return (
    <Panel count={rows.length} title={title} tools={tools}>
      {shown.length === 0 ? (
        <p className={css.empty}>{rows.length === 0 ? empty : `Nothing matches “${text}”.`}</p>
      ) : (
        <div className={css.scroll}>
          <table aria-label={title} className={numeric ? `${css.table} ${css.numeric}` : css.table}>
            <tbody>
              {shown.map((row) => (
                <tr key={row.key}>
                  <th scope="row">{row.key}</th>
                  <td title={row.note}>{row.cell ?? row.value}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Panel>
  );
}
