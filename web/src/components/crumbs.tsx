import { Children, type ReactNode } from "react";
import css from "./crumbs.module.css";

/** Breadcrumb links to the pages above this one, outermost first. */
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
