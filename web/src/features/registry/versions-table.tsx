import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { versionsOfModelQuery } from "@/api/model-versions";
import type { Alias, ModelVersion } from "@/api/types";
import { AliasChip, StageChip } from "@/components/chip";
import { DataTable, mainCell, minorCell } from "@/components/data-table";
import { EmptyState } from "@/components/empty-state";
import { ErrorPanel } from "@/components/error-panel";
import { Panel } from "@/components/panel";
import { SkeletonRows } from "@/components/skeleton-rows";
import { TimeAgo } from "@/components/time-ago";
import css from "./registry.module.css";
import { RunLink } from "./run-link";

const COLUMNS = [
  { label: "Version" },
  { label: "Stage" },
  { label: "Aliases" },
  { label: "Registered" },
  { label: "Source run" },
  { label: "Description", minor: true },
];

function VersionRow({ version, aliases }: { version: ModelVersion; aliases: string[] }) {
  return (
    <tr>
      <td className={mainCell}>
        <Link
          params={{ name: version.name, version: version.version }}
          to="/models/$name/versions/$version"
        >
          Version {version.version}
        </Link>
      </td>
      <td>
        <StageChip stage={version.current_stage} />
      </td>
      <td>
        <span className={css.chips}>
          {aliases.map((alias) => (
            <AliasChip alias={alias} key={alias} />
          ))}
        </span>
      </td>
      <td>
        <TimeAgo time={version.creation_timestamp} />
      </td>
      <td>
        <RunLink runId={version.run_id} />
      </td>
      <td className={minorCell}>
        <span className={css.clamped}>{version.description}</span>
      </td>
    </tr>
  );
}

interface VersionsTableProps {
  name: string;
  aliases: Alias[];
}

export function VersionsTable({ name, aliases }: VersionsTableProps) {
  const query = useQuery(versionsOfModelQuery(name));
  if (query.isError)
    return (
      <ErrorPanel
        error={query.error}
        onRetry={() => void query.refetch()}
        what={`the versions of ${name}`}
      />
    );
  const versions = query.data ?? [];
  return (
    <Panel count={versions.length} title="Versions">
      {query.isPending && <SkeletonRows rows={3} />}
      {query.isSuccess && versions.length === 0 && (
        <EmptyState icon="model" title="No versions yet">
          Open a run, select a model under Artifacts and press “Register Model”.
        </EmptyState>
      )}
      {versions.length > 0 && (
        <DataTable columns={COLUMNS} label="Versions">
          {versions.map((version) => (
            <VersionRow
              aliases={aliases.filter((a) => a.version === version.version).map((a) => a.alias)}
              key={version.version}
              version={version}
            />
          ))}
        </DataTable>
      )}
    </Panel>
  );
}
