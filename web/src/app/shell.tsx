import { Link, Outlet } from "@tanstack/react-router";
import { Icon } from "@/components/icon";
import { ThemeToggle } from "@/components/theme-toggle";
import css from "./shell.module.css";

/** The frame of every page: name, navigation and theme switch. */
export function Shell() {
  return (
    <div className={css.shell}>
      <header className={css.bar}>
        <Link aria-label="mlyard, home" className={css.brand} to="/experiments">
          <svg aria-hidden="true" height="22" viewBox="0 0 32 32" width="22">
            <rect fill="#0f766e" height="32" rx="7" width="32" />
            <path
              d="M7 24V11l9 8 9-8v13"
              fill="none"
              stroke="#fff"
              strokeLinecap="round"
              strokeLinejoin="round"
              strokeWidth="3.2"
            />
          </svg>
          mlyard
        </Link>
        <nav aria-label="Main" className={css.nav}>
          <Link activeProps={{ "data-active": true }} to="/experiments">
            <Icon name="flask" size={15} />
            Experiments
          </Link>
          <Link activeProps={{ "data-active": true }} to="/models">
            <Icon name="model" size={15} />
            Models
          </Link>
        </nav>
        <ThemeToggle />
      </header>
      <Outlet />
    </div>
  );
}
