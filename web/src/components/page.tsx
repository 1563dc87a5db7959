import { useDocumentTitle } from "@mantine/hooks";
import type { ReactNode } from "react";
import css from "./page.module.css";

interface PageProps {
  /** Title of the browser tab, before " · mlyard". */
  title: string;
  heading?: ReactNode;
  crumbs?: ReactNode;
  /** Buttons and links at the top right. */
  actions?: ReactNode;
  /** Fills the window and scrolls inside it, for wide tables. */
  fill?: boolean;
  children: ReactNode;
}

export function Page({ title, heading, crumbs, actions, fill = false, children }: PageProps) {
  useDocumentTitle(`${title} · mlyard`);
  return (
    <main className={fill ? `${css.page} ${css.fill}` : css.page} id="main">
      <header className={css.header}>
        <div className={css.titles}>
          {crumbs}
          <h1 className={css.heading}>{heading ?? title}</h1>
        </div>
        {actions !== undefined && <div className={css.actions}>{actions}</div>}
      </header>
      {children}
    </main>
  );
}
