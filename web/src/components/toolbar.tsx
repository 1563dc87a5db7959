import type { ReactNode } from "react";
import css from "./toolbar.module.css";

/** A row of controls above a list. */
export function Toolbar({ children }: { children: ReactNode }) {
  return <div className={css.toolbar}>{children}</div>;
}
