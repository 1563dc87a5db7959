import { Link } from "@tanstack/react-router";
import {
  columnSizingFeature,
  columnVisibilityFeature,
  createColumnHelper,
  rowSelectionFeature,
  tableFeatures,
} from "@tanstack/react-table";
import { RunStatus } from "@/components/run-status";
import { TimeAgo } from "@/components/time-ago";
import { quotedKey } from "@/lib/filters";
import { formatNumber, type Range, rangeOf, share, toNumber } from "@/lib/numbers";
import {
  type RunKeys,
  type RunRow,
  runDuration,
  runName,
  runSource,
  runUser,
  tagOf,
} from "@/lib/run";
import { formatDuration } from "@/lib/time";
import css from "./runs-table.module.css";

export const features = tableFeatures({
  columnVisibilityFeature,
  columnSizingFeature,
  rowSelectionFeature,
});

const helper = createColumnHelper<typeof features, RunRow>();

/** The field that the server sorts a column by, if it can sort by it. */
export const SORT_FIELDS: Record<string, string> = {
  status: "attributes.status",
  name: "attributes.run_name",
  started: "attributes.start_time",
  user: "attributes.user_id",
  source: "tags.`mlflow.source.name`",
};

export const ATTRIBUTES: Record<string, string> = {
  status: "Status",
  started: "Started",
  duration: "Duration",
  user: "User",
  source: "Source",
};

export const metricId = (key: string) => `metrics.${key}`;
export const paramId = (key: string) => `params.${key}`;

export function sortField(columnId: string): string | undefined {
  const [, kind, key] = /^(metrics|params)\.(.*)$/s.exec(columnId) ?? [];
  return kind === undefined || key === undefined
    ? SORT_FIELDS[columnId]
    : `${kind}.${quotedKey(key)}`;
}

const WIDEST = 260;
const keyWidth = (key: string) => Math.min(WIDEST, Math.max(104, key.length * 7.2 + 34));

function NameCell({ row: { run } }: { row: RunRow }) {
  const nested = tagOf(run, "mlflow.parentRunId") !== undefined;
  return (
    <>
      {nested && (
        <span className={css.nested} title="Started inside another run">
          ↳
        </span>
      )}
      <Link
        params={{ experimentId: run.info.experiment_id, runId: run.info.run_id }}
        title={runName(run)}
        to="/experiments/$experimentId/runs/$runId"
      >
        {runName(run)}
      </Link>
    </>
  );
}

function DurationCell({ row: { run } }: { row: RunRow }) {
  const duration = runDuration(run, Date.now());
  return duration === undefined ? "—" : formatDuration(duration);
}

function MetricCell({ row, name, range }: { row: RunRow; name: string; range: Range | undefined }) {
  const metric = row.metrics.get(name);
  if (metric === undefined) return <span className={css.missing}>—</span>;
  const value = toNumber(metric.value);
  const width = range === undefined ? 0 : share(value, range) * 100;
  return (
    <span className={css.metric} title={`${String(metric.value)} at step ${metric.step ?? 0}`}>
      {formatNumber(metric.value)}
      {range !== undefined && Number.isFinite(value) && (
        <span aria-hidden="true" className={css.bar}>
          <span style={{ width: `${Math.max(width, 2)}%` }} />
        </span>
      )}
    </span>
  );
}

function attributeColumns() {
  return helper.columns([
    helper.display({
      id: "status",
      header: "Status",
      size: 98,
      cell: ({ row }) => (
        <RunStatus lost={row.original.run.info.lost} status={row.original.run.info.status} />
      ),
    }),
    helper.display({
      id: "name",
      header: "Name",
      size: 190,
      enableHiding: false,
      cell: ({ row }) => <NameCell row={row.original} />,
    }),
    helper.display({
      id: "started",
      header: "Started",
      size: 104,
      cell: ({ row }) => <TimeAgo time={row.original.run.info.start_time} />,
    }),
    helper.display({
      id: "duration",
      header: "Duration",
      size: 106,
      cell: ({ row }) => <DurationCell row={row.original} />,
    }),
    helper.display({
      id: "user",
      header: "User",
      size: 92,
      cell: ({ row }) => runUser(row.original.run),
    }),
    helper.display({
      id: "source",
      header: "Source",
      size: 120,
      cell: ({ row }) => {
        const { run } = row.original;
        return <span title={tagOf(run, "mlflow.source.name")}>{runSource(run)}</span>;
      },
    }),
  ]);
}

/** All columns of the loaded runs, in three groups. */
export function runColumns(keys: RunKeys, rows: RunRow[]) {
  const metricColumns = keys.metrics.map((key) => {
    const range = rangeOf(rows.map((row) => toNumber(row.metrics.get(key)?.value)));
    const wide = range !== undefined && range.max > range.min ? range : undefined;
    return helper.display({
      id: metricId(key),
      header: key,
      size: keyWidth(key),
      cell: ({ row }) => <MetricCell name={key} range={wide} row={row.original} />,
    });
  });
  const paramColumns = keys.params.map((key) =>
    helper.display({
      id: paramId(key),
      header: key,
      size: keyWidth(key),
      cell: ({ row }) => {
        const value = row.original.params.get(key);
        return value === undefined ? (
          <span className={css.missing}>—</span>
        ) : (
          <span title={value}>{value}</span>
        );
      },
    }),
  );
  return helper.columns([
    helper.group({ id: "run", header: "Run", columns: attributeColumns() }),
    helper.group({ id: "metrics", header: "Metrics", columns: metricColumns }),
    helper.group({ id: "params", header: "Parameters", columns: paramColumns }),
  ]);
}
