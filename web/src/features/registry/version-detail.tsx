import { useQuery, useQueryClient } from "@tanstack/react-query";
import { versionMlmodelQuery } from "@/api/artifacts";
import {
  deleteModelVersionTag,
  describeModelVersion,
  setModelVersionTag,
} from "@/api/model-versions";
import type { ModelVersion } from "@/api/types";
import { Chip } from "@/components/chip";
import { CopyButton } from "@/components/copy-button";
import { DescriptionPanel } from "@/components/description-panel";
import { Facts } from "@/components/facts";
import { Panel } from "@/components/panel";
import { SafeLink } from "@/components/safe-link";
import { SchemaTable } from "@/components/schema-table";
import { SkeletonRows } from "@/components/skeleton-rows";
import { TagsPanel } from "@/components/tags-panel";
import { TextBlock } from "@/components/text-block";
import { TimeAgo } from "@/components/time-ago";
import { readMlmodel } from "@/lib/mlmodel";
import { AliasPanel } from "./alias-panel";
import css from "./registry.module.css";
import { RunLink } from "./run-link";

function Mlmodel({ version }: { version: ModelVersion }) {
  const file = useQuery({ ...versionMlmodelQuery(version), retry: false });
  if (file.isPending)
    return (
      <Panel title="Schema">
        <SkeletonRows />
      </Panel>
    );
  if (file.isError)
    return (
      <Panel title="Schema">
        <div className={css.aliases}>
          <span className={css.pending}>The MLmodel file cannot be read: {file.error.message}</span>
        </div>
      </Panel>
    );
  return (
    <>
      <Panel title="Schema">
        <SchemaTable summary={readMlmodel(file.data)} />
      </Panel>
      <Panel title="MLmodel">
        <TextBlock label="MLmodel" text={file.data} />
      </Panel>
    </>
  );
}

export function VersionDetail({ version }: { version: ModelVersion }) {
  const client = useQueryClient();
  const { name } = version;
  const refresh = () => client.invalidateQueries({ queryKey: ["model-versions"] });
  return (
    <>
      <Facts
        facts={[
          { label: "Registered", value: <TimeAgo time={version.creation_timestamp} /> },
          { label: "Modified", value: <TimeAgo time={version.last_updated_timestamp} /> },
          { label: "Source run", value: <RunLink runId={version.run_id} /> },
          {
            label: "Source",
            value: (
              <>
                <code>
                  <SafeLink text={version.source ?? "—"} />
                </code>
                <CopyButton label="Copy the source" text={version.source ?? ""} />
              </>
            ),
          },
          {
            label: "Load it with",
            value: (
              <>
                <code>
                  models:/{name}/{version.version}
                </code>
                <CopyButton label="Copy the address" text={`models:/${name}/${version.version}`} />
              </>
            ),
          },
          ...(version.status === undefined || version.status === "READY"
            ? []
            : [
                {
                  label: "Status",
                  value: (
                    <Chip tone={version.status === "FAILED_REGISTRATION" ? "bad" : "live"}>
                      {version.status_message || version.status}
                    </Chip>
                  ),
                },
              ]),
        ]}
      />
      <div className={css.columns}>
        <div className={css.stack}>
          <DescriptionPanel
            onSave={(text) => describeModelVersion(name, version.version, text).then(refresh)}
            text={version.description ?? ""}
          />
          <AliasPanel version={version} />
          <TagsPanel
            onDelete={(key) => deleteModelVersionTag(name, version.version, key).then(refresh)}
            onSet={(key, value) =>
              setModelVersionTag(name, version.version, key, value).then(refresh)
            }
            tags={version.tags ?? []}
          />
        </div>
        <div className={css.stack}>
          <Mlmodel version={version} />
        </div>
      </div>
    </>
  );
}
