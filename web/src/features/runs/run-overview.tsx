import { useQueryClient } from "@tanstack/react-query";
import { deleteRunTag, setRunTag } from "@/api/runs";
import type { Run } from "@/api/types";
import { DescriptionPanel } from "@/components/description-panel";
import { KeyValues } from "@/components/key-values";
import { TagsPanel } from "@/components/tags-panel";
import { formatNumber } from "@/lib/numbers";
import { tagOf } from "@/lib/run";
import { exactTime } from "@/lib/time";
import { ChildRuns } from "./child-runs";
import { DatasetsPanel } from "./datasets-panel";
import css from "./run-overview.module.css";

const NOTE = "mlflow.note.content";

/** Metrics and params of a run, then its description, tags, datasets and child runs. */
export function RunOverview({ run }: { run: Run }) {
  const client = useQueryClient();
  const runId = run.info.run_id;
  const refresh = () => client.invalidateQueries({ queryKey: ["runs"] });
  const byKey = (a: { key: string }, b: { key: string }) =>
    a.key.localeCompare(b.key, "en", { numeric: true });
  const metrics = [...(run.data?.metrics ?? [])].sort(byKey);
  const params = [...(run.data?.params ?? [])].sort(byKey);
  return (
    <div className={css.grid} id="overview">
      <KeyValues
        empty="This run has logged no metrics."
        numeric
        rows={metrics.map((metric) => ({
          key: metric.key,
          value: formatNumber(metric.value, 7),
          note: `${String(metric.value)} at step ${metric.step ?? 0}, ${exactTime(metric.timestamp)}`,
        }))}
        title="Metrics"
      />
      <KeyValues empty="This run has logged no parameters." rows={params} title="Parameters" />
      <div className={css.side}>
        <DescriptionPanel
          onSave={(text) => setRunTag(runId, NOTE, text).then(refresh)}
          text={tagOf(run, NOTE) ?? ""}
        />
        <TagsPanel
          onDelete={(key) => deleteRunTag(runId, key).then(refresh)}
          onSet={(key, value) => setRunTag(runId, key, value).then(refresh)}
          tags={(run.data?.tags ?? []).filter((tag) => tag.key !== NOTE)}
        />
        <DatasetsPanel inputs={run.inputs?.dataset_inputs ?? []} />
        <ChildRuns experimentId={run.info.experiment_id} runId={runId} />
      </div>
    </div>
  );
}
