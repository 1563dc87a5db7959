import type { ReactNode } from "react";
import css from "./panel.module.css";

interface PanelProps {
  title: string;
  count?: number;
  /** Controls at the right of the title. */
  tools?: ReactNode;
  id?: string;
  /** Without the head: the page says the title already. */
  bare?: boolean;
  children: ReactNode;
}

/** A titled box of a page. */
export function Panel({ title, count, tools, id, bare, children }: PanelProps) {
  return (
    <section aria-label={title} className={css.panel} id={id}>
      {!bare && (
        <div className={css.head}>
          <h2>
            {title}
            {count !== undefined && <span className={css.count}>{count}</span>}
          </h2>
          {tools !== undefined && <div className={css.tools}>{tools}</div>}
        </div>
      )}
      {children}
    </section>
  );
}
