import { Switch } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import type { Run } from "@/api/types";
import { Panel } from "@/components/panel";
import { RunStatus } from "@/components/run-status";
import { TimeAgo } from "@/components/time-ago";
import { formatNumber } from "@/lib/numbers";
import { keysOf, rowOf, runDuration, runName, runUser } from "@/lib/run";
import { formatDuration } from "@/lib/time";
import css from "./compare-view.module.css";

interface Line {
  key: string;
  values: string[];
}

const differs = (line: Line) => new Set(line.values).size > 1;

function Lines({ title, lines }: { title: string; lines: Line[] }) {
  if (lines.length === 0) return null;
  return (
    <tbody>
      <tr className={css.group}>
        <th scope="rowgroup">{title}</th>
      </tr>
      {lines.map((line) => (
        <tr className={differs(line) ? css.differs : undefined} key={line.key}>
          <th scope="row">{line.key}</th>
          {line.values.map((value, column) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: one cell per run, in the order of the runs
            <td key={column}>{value === "" ? "—" : value}</td>
          ))}
        </tr>
      ))}
    </tbody>
  );
}

/** Runs side by side, with differences marked. */
export function CompareView({ runs, colors }: { runs: Run[]; colors: string[] }) {
  const [onlyDifferent, setOnlyDifferent] = useState(false);
  const rows = runs.map(rowOf);
  const keys = keysOf(runs);
  const keep = (lines: Line[]) => (onlyDifferent ? lines.filter(differs) : lines);
  const metrics = keys.metrics.map((key) => ({
    key,
    values: rows.map((row) => formatNumber(row.metrics.get(key)?.value, 7)),
  }));
  const params = keys.params.map((key) => ({
    key,
    values: rows.map((row) => row.params.get(key) ?? ""),
  }));
  return (
    <Panel
      title="Side by side"
      tools={
        <Switch
          checked={onlyDifferent}
          label="Only what differs"
          onChange={(event) => setOnlyDifferent(event.currentTarget.checked)}
          size="xs"
        />
      }
    >
      <div className={css.scroll}>
        <table className={css.table}>
          <thead>
            <tr>
              <th aria-label="Field" />
              {runs.map((run, index) => (
                <th key={run.info.run_id} scope="col">
                  <span className={css.run}>
                    <span
                      aria-hidden="true"
                      className={css.swatch}
                      style={{ background: colors[index] }}
                    />
                    <Link
                      params={{ experimentId: run.info.experiment_id, runId: run.info.run_id }}
                      to="/experiments/$experimentId/runs/$runId"
                    >
                      {runName(run)}
                    </Link>
                  </span>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            <tr>
              <th scope="row">Status</th>
              {runs.map((run) => (
                <td key={run.info.run_id}>
                  <RunStatus lost={run.info.lost} status={run.info.status} />
                </td>
              ))}
            </tr>
            <tr>
              <th scope="row">Started</th>
              {runs.map((run) => (
                <td key={run.info.run_id}>
                  <TimeAgo time={run.info.start_time} />
                </td>
              ))}
            </tr>
            <tr>
              <th scope="row">Duration</th>
              {runs.map((run) => (
                <td key={run.info.run_id}>{formatDuration(runDuration(run, Date.now()) ?? 0)}</td>
              ))}
            </tr>
            <tr>
              <th scope="row">User</th>
              {runs.map((run) => (
                <td key={run.info.run_id}>{runUser(run)}</td>
              ))}
            </tr>
          </tbody>
          <Lines lines={keep(metrics)} title="Metrics" />
          <Lines lines={keep(params)} title="Parameters" />
        </table>
      </div>
    </Panel>
  );
}
