import type { ReactNode } from "react";
import css from "./panel.module.css";

interface PanelProps {
  title: string;
  count?: number;
  /** Controls to the right of the title. */
  tools?: ReactNode;
  id?: string;
  /** Hides the heading, for pages that show the title already. */
  bare?: boolean;
  children: ReactNode;
}

/** A box of a page, with a title. */
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
