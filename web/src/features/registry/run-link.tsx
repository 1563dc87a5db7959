import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { runQuery } from "@/api/runs";
import { runName } from "@/lib/run";

/** A link to the run of a version, with the name of the run. Only its id if the run cannot be read. */
export function RunLink({ runId }: { runId: string | undefined }) {
  const run = useQuery({ ...runQuery(runId ?? ""), enabled: Boolean(runId), retry: false });
  if (!runId) return "—";
  if (run.data === undefined) return <code title={runId}>{runId.slice(0, 8)}</code>;
  return (
    <Link
      params={{ experimentId: run.data.info.experiment_id, runId }}
      to="/experiments/$experimentId/runs/$runId"
    >
      {runName(run.data)}
    </Link>
  );
}
