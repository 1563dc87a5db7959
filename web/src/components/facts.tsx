import type { ReactNode } from "react";
import css from "./facts.module.css";

export interface Fact {
  label: string;
  value: ReactNode;
}

/** A line of labelled facts under a heading. */
export function Facts({ facts }: { facts: Fact[] }) {
  return (
    <dl className={css.facts}>
      {facts.map((fact) => (
        <div key={fact.label}>
          <dt>{fact.label}</dt>
          <dd>{fact.value}</dd>
        </div>
      ))}
    </dl>
  );
}
