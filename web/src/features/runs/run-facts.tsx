import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { runQuery } from "@/api/runs";
import type { Run } from "@/api/types";
import { CopyButton } from "@/components/copy-button";
import { type Fact, Facts } from "@/components/facts";
import { SafeLink } from "@/components/safe-link";
import { TimeAgo } from "@/components/time-ago";
import { runDuration, runName, runSource, runUser, tagOf } from "@/lib/run";
import { formatDuration } from "@/lib/time";

function ParentLink({ experimentId, runId }: { experimentId: string; runId: string }) {
  const parent = useQuery(runQuery(runId));
  return (
    <Link params={{ experimentId, runId }} to="/experiments/$experimentId/runs/$runId">
      {parent.data === undefined ? runId.slice(0, 8) : runName(parent.data)}
    </Link>
  );
}

function SourceValue({ run }: { run: Run }) {
  const source = tagOf(run, "mlflow.source.name") ?? "";
  const commit = tagOf(run, "mlflow.source.git.commit");
  return (
    <>
      <SafeLink label={runSource(run)} text={source} />
      {commit !== undefined && <code title={`Commit ${commit}`}>@ {commit.slice(0, 7)}</code>}
    </>
  );
}

export function RunFacts({ run }: { run: Run }) {
  const { info } = run;
  const duration = runDuration(run, Date.now());
  const parentId = tagOf(run, "mlflow.parentRunId");
  const facts: Fact[] = [
    {
      label: "Run ID",
      value: (
        <>
          <code>{info.run_id}</code>
          <CopyButton label="Copy the run ID" text={info.run_id} />
        </>
      ),
    },
    { label: "Started", value: <TimeAgo time={info.start_time} /> },
    { label: "Duration", value: duration === undefined ? "—" : formatDuration(duration) },
    { label: "User", value: runUser(run) || "—" },
  ];
  if (runSource(run) !== "") facts.push({ label: "Source", value: <SourceValue run={run} /> });
  if (parentId !== undefined)
    facts.push({
      label: "Parent run",
      value: <ParentLink experimentId={info.experiment_id} runId={parentId} />,
    });
  return <Facts facts={facts} />;
}
