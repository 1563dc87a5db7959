import { Skeleton } from "@mantine/core";
import { useMemo } from "react";
import { ErrorPanel } from "@/components/error-panel";
import { formatNumber, rangeOf, toNumber } from "@/lib/numbers";
import { alignSeries, type Column, type RunSeries, smooth } from "@/lib/series";
import type { ChartView } from "./chart-tools";
import { LineChart } from "./line-chart";
import type { LineStyle } from "./line-style";
import css from "./metric-charts.module.css";

interface MetricCardProps {
  name: string;
  series: RunSeries[] | undefined;
  lines: LineStyle[];
  view: ChartView;
  error: Error | null;
  onRetry: () => void;
}

function Summary({ series }: { series: RunSeries[] }) {
  const points = series.flatMap((one) => one.points);
  const range = rangeOf(points.map((point) => toNumber(point.value)));
  const last = series.length === 1 ? points.at(-1) : undefined;
  return (
    <span className={css.summary}>
      {last !== undefined && <b>{formatNumber(last.value)}</b>}
      {range !== undefined && (
        <>
          {formatNumber(range.min, 4)} … {formatNumber(range.max, 4)}
        </>
      )}
    </span>
  );
}

export function MetricCard(props: MetricCardProps) {
  const { name, series, lines, view, error, onRetry } = props;
  const { axis, log, smoothing } = view;
  const data = useMemo(() => {
    const [xs, ...columns] = alignSeries(series ?? [], axis, log);
    return [xs, ...columns.map((column) => smooth(column, smoothing))] as [number[], ...Column[]];
  }, [series, axis, log, smoothing]);
  return (
    <article aria-label={name} className={css.card}>
      <h3 className={css.cardTitle} title={name}>
        <span>{name}</span>
        {series !== undefined && <Summary series={series} />}
      </h3>
      {series !== undefined && (
        <LineChart axis={axis} data={data} label={name} lines={lines} log={log} />
      )}
      {series === undefined && error === null && <Skeleton height={190} />}
      {error !== null && (
        <ErrorPanel error={error} onRetry={onRetry} what={`the history of ${name}`} />
      )}
    </article>
  );
}
