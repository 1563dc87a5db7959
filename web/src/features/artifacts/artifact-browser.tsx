import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { folderQuery } from "@/api/artifacts";
import { EmptyState } from "@/components/empty-state";
import { ErrorPanel } from "@/components/error-panel";
import { Panel } from "@/components/panel";
import css from "./artifact-browser.module.css";
import { ArtifactDetail } from "./artifact-detail";
import { ArtifactTree } from "./artifact-tree";
import { type ModelFolder, rootOf, type Selection } from "./selection";

interface ArtifactBrowserProps {
  runId: string;
  models: { modelId: string; name: string }[];
  selection: Selection | undefined;
  onSelect: (selection: Selection) => void;
  /** Actions for a model folder, shown at its top right. */
  modelActions: (folder: ModelFolder) => ReactNode;
}

export function ArtifactBrowser(props: ArtifactBrowserProps) {
  const { runId, models, selection, onSelect } = props;
  const own = useQuery(folderQuery(rootOf(runId, undefined), ""));
  const ownNames = new Set((own.data ?? []).map((file) => file.path));
  // Newer clients store a model outside the run's artifacts. If it is also in the run, show it once.
  const beside = models.filter((model) => !ownNames.has(model.name));
  const empty = own.isSuccess && own.data.length === 0 && beside.length === 0;
  return (
    <Panel id="artifacts" title="Artifacts">
      {own.isError && (
        <ErrorPanel
          error={own.error}
          onRetry={() => void own.refetch()}
          what="the artifacts of this run"
        />
      )}
      {empty ? (
        <EmptyState icon="folder" title="No artifacts">
          Files and models appear with <code>mlyard.log_artifact(path)</code> or{" "}
          <code>log_model(model, name="model")</code>.
        </EmptyState>
      ) : (
        <div className={css.browser}>
          <ArtifactTree models={beside} onSelect={onSelect} runId={runId} selection={selection} />
          <div className={css.detail}>
            {selection === undefined ? (
              <EmptyState icon="file" title="Select a file or a model">
                Its content is shown here.
              </EmptyState>
            ) : (
              <ArtifactDetail
                modelActions={props.modelActions}
                onSelect={onSelect}
                root={rootOf(
                  runId,
                  selection.modelId,
                  models.find((model) => model.modelId === selection.modelId)?.name,
                )}
                selection={selection}
              />
            )}
          </div>
        </div>
      )}
    </Panel>
  );
}
