import { formatNumber, rangeOf, toNumber } from "@/lib/numbers";
import type { RunSeries } from "@/lib/series";
import type { LineStyle } from "./line-style";
import css from "./metric-charts.module.css";

interface SingleMetric {
  key: string;
  series: RunSeries[];
}

interface SingleValuesProps {
  metrics: SingleMetric[];
  lines: LineStyle[];
}

/** One bar per run, from zero; the largest absolute value fills the width. */
function Bars({ metric, lines }: { metric: SingleMetric; lines: LineStyle[] }) {
  const values = metric.series.map((one) => one.points.at(-1)?.value);
  const range = rangeOf(values.map((value) => Math.abs(toNumber(value))));
  return (
    <ul className={css.bars}>
      {metric.series.map(({ runId }, index) => {
        const value = values[index];
        const size = Math.abs(toNumber(value));
        const width =
          range && range.max > 0 && Number.isFinite(size) ? (size / range.max) * 100 : 0;
        return (
          <li key={runId} title={lines[index]?.name}>
            <span className={css.track}>
              <span style={{ width: `${width}%`, background: lines[index]?.color }} />
            </span>
            <b>{value === undefined ? "—" : formatNumber(value)}</b>
          </li>
        );
      })}
    </ul>
  );
}

/** Metrics that were logged once: a number for one run, bars for several. */
export function SingleValues({ metrics, lines }: SingleValuesProps) {
  if (metrics.length === 0) return null;
  return (
    <div className={lines.length > 1 ? css.grid : css.numbers}>
      {metrics.map((metric) => (
        <article aria-label={metric.key} className={css.card} key={metric.key}>
          <h3 className={css.cardTitle} title={metric.key}>
            <span>{metric.key}</span>
          </h3>
          {lines.length > 1 ? (
            <Bars lines={lines} metric={metric} />
          ) : (
            <p className={css.number}>{formatNumber(metric.series[0]?.points.at(-1)?.value)}</p>
          )}
        </article>
      ))}
    </div>
  );
}
