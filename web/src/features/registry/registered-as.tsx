import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { versionsOfRunQuery } from "@/api/model-versions";
import type { ModelVersion } from "@/api/types";
import { Chip } from "@/components/chip";
import { Icon } from "@/components/icon";
import { parseRunsUri } from "@/lib/links";
import css from "./registry.module.css";

interface RegisteredAsProps {
  runId: string;
  /** Show only the versions of this model of the run. */
  of?: { uri: string; modelId?: string; path: string };
}

const SHOWN = 4;

/** Clients write different sources: `runs:/…`, `models:/m-…`, or the location of the files. */
function isMadeOf(version: ModelVersion, of: NonNullable<RegisteredAsProps["of"]>): boolean {
  if (version.source === of.uri) return true;
  if (of.modelId !== undefined)
    return version.model_id === of.modelId || version.source?.includes(of.modelId) === true;
  const parsed = parseRunsUri(version.source);
  if (parsed !== undefined) return parsed.path === of.path;
  return version.source?.endsWith(`/artifacts/${of.path}`) === true;
}

/** Links to the versions that were registered from a run. */
export function RegisteredAs({ runId, of }: RegisteredAsProps) {
  const { data = [] } = useQuery(versionsOfRunQuery(runId));
  const versions = of === undefined ? data : data.filter((version) => isMadeOf(version, of));
  if (versions.length === 0) return null;
  return (
    <span className={css.chips}>
      {versions.slice(0, SHOWN).map(({ name, version }) => (
        <Link
          key={`${name} ${version}`}
          params={{ name, version }}
          to="/models/$name/versions/$version"
        >
          <Chip tone="accent">
            <Icon name="model" size={13} />
            Registered as {name} v{version}
          </Chip>
        </Link>
      ))}
      {versions.length > SHOWN && <Chip>and {versions.length - SHOWN} more</Chip>}
    </span>
  );
}
