import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { childRunsQuery } from "@/api/runs";
import { Panel } from "@/components/panel";
import { RunStatus } from "@/components/run-status";
import { runName } from "@/lib/run";
import css from "./run-overview.module.css";

/** The child runs of this run; nothing if it has none. */
export function ChildRuns({ experimentId, runId }: { experimentId: string; runId: string }) {
  const { data: children = [] } = useQuery(childRunsQuery(experimentId, runId));
  if (children.length === 0) return null;
  return (
    <Panel count={children.length} title="Child runs">
      <ul className={css.list}>
        {children.map((run) => (
          <li key={run.info.run_id}>
            <Link
              params={{ experimentId: run.info.experiment_id, runId: run.info.run_id }}
              to="/experiments/$experimentId/runs/$runId"
            >
              {runName(run)}
            </Link>
            <RunStatus lost={run.info.lost} status={run.info.status} />
          </li>
        ))}
      </ul>
    </Panel>
  );
}
