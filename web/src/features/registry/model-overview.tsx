import { useQueryClient } from "@tanstack/react-query";
import {
  deleteRegisteredModelTag,
  describeRegisteredModel,
  setRegisteredModelTag,
} from "@/api/registered-models";
import type { RegisteredModel } from "@/api/types";
import { DescriptionPanel } from "@/components/description-panel";
import { Facts } from "@/components/facts";
import { TagsPanel } from "@/components/tags-panel";
import { TimeAgo } from "@/components/time-ago";
import css from "./registry.module.css";
import { StageLinks } from "./stage-links";
import { VersionsTable } from "./versions-table";

export function ModelOverview({ model }: { model: RegisteredModel }) {
  const client = useQueryClient();
  const { name } = model;
  const refresh = () => client.invalidateQueries({ queryKey: ["registered-models"] });
  return (
    <>
      <Facts
        facts={[
          { label: "Created", value: <TimeAgo time={model.creation_timestamp} /> },
          { label: "Modified", value: <TimeAgo time={model.last_updated_timestamp} /> },
          { label: "Stages", value: <StageLinks versions={model.latest_versions ?? []} /> },
        ]}
      />
      <div className={css.stack}>
        <VersionsTable aliases={model.aliases ?? []} name={name} />
        <div className={css.columns}>
          <DescriptionPanel
            onSave={(text) => describeRegisteredModel(name, text).then(refresh)}
            text={model.description ?? ""}
          />
          <TagsPanel
            onDelete={(key) => deleteRegisteredModelTag(name, key).then(refresh)}
            onSet={(key, value) => setRegisteredModelTag(name, key, value).then(refresh)}
            tags={model.tags ?? []}
          />
        </div>
      </div>
    </>
  );
}
