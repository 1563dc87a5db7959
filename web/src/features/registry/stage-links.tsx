import { Link } from "@tanstack/react-router";
import type { ModelVersion } from "@/api/types";
import { Chip } from "@/components/chip";
import css from "./registry.module.css";

/** Links to the versions in Staging and in Production. */
export function StageLinks({ versions }: { versions: ModelVersion[] }) {
  const staged = versions.filter(
    ({ current_stage: stage }) => stage === "Staging" || stage === "Production",
  );
  if (staged.length === 0) return "—";
  return (
    <span className={css.chips}>
      {staged.map(({ name, version, current_stage }) => (
        <Link key={version} params={{ name, version }} to="/models/$name/versions/$version">
          <Chip tone={current_stage === "Production" ? "ok" : "warn"}>
            {current_stage} · v{version}
          </Chip>
        </Link>
      ))}
    </span>
  );
}
