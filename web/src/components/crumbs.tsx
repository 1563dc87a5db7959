import { Children, type ReactNode } from "react";
import css from "./crumbs.module.css";

/** The way back up: links in the order of depth. */
export function Crumbs({ children }: { children: ReactNode }) {
  return (
    <nav aria-label="Breadcrumb">
      <ol className={css.crumbs}>
        {Children.map(children, (child) => (
          <li>{child}</li>
        ))}
      </ol>
    </nav>
  );
}
