import { useComputedColorScheme } from "@mantine/core";
import { useEffect, useRef } from "react";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { formatNumber } from "@/lib/numbers";
import type { Column, XAxis } from "@/lib/series";
import { formatDuration } from "@/lib/time";
import { cursorNote } from "./cursor-note";
import css from "./line-chart.module.css";
import type { LineStyle } from "./line-style";

const HEIGHT = 190;
const DOTS_UP_TO = 40;

interface LineChartProps {
  label: string;
  data: [number[], ...Column[]];
  lines: LineStyle[];
  axis: XAxis;
  log: boolean;
}

function xText(x: number, axis: XAxis): string {
  return axis === "step" ? String(x) : formatDuration(x * 1000);
}

function options(props: LineChartProps, width: number): uPlot.Options {
  const { axis, log, lines, data } = props;
  const style = getComputedStyle(document.documentElement);
  const axisStyle = {
    stroke: style.getPropertyValue("--dim"),
    grid: { stroke: style.getPropertyValue("--line"), width: 1 },
    ticks: { show: false },
    font: "11px system-ui, sans-serif",
  };
  const dots = data[0].length <= DOTS_UP_TO;
  return {
    width,
    height: HEIGHT,
    padding: [8, 14, 0, 0],
    legend: { show: false },
    scales: { x: { time: false }, y: log ? { distr: 3, log: 10 } : {} },
    cursor: { points: { size: 7 }, drag: { x: true, y: false } },
    plugins: [cursorNote(lines, (x) => `${axis} ${xText(x, axis)}`)],
    series: [
      {},
      ...lines.map((line) => ({
        label: line.name,
        stroke: line.color,
        width: 1.6,
        spanGaps: true,
        points: { show: dots, size: 4, fill: line.color },
      })),
    ],
    axes: [
      { ...axisStyle, size: 24, values: (_plot, ticks) => ticks.map((tick) => xText(tick, axis)) },
      {
        ...axisStyle,
        size: 54,
        values: (_plot, ticks) =>
          ticks.map((tick) => (tick === null ? "" : formatNumber(tick as number, 4))),
      },
    ],
  };
}

/** One uPlot chart, as wide as its container. Drag to zoom in, double click to zoom out. */
export function LineChart(props: LineChartProps) {
  const box = useRef<HTMLDivElement>(null);
  const scheme = useComputedColorScheme();
  const { data, lines, axis, log, label } = props;

  // biome-ignore lint/correctness/useExhaustiveDependencies: a new theme needs a new plot
  useEffect(() => {
    const element = box.current;
    if (element === null) return;
    const plot = new uPlot(
      options({ data, lines, axis, log, label }, Math.max(element.clientWidth, 120)),
      data as uPlot.AlignedData,
      element,
    );
    const observer = new ResizeObserver(() =>
      plot.setSize({ width: Math.max(element.clientWidth, 120), height: HEIGHT }),
    );
    observer.observe(element);
    return () => {
      observer.disconnect();
      plot.destroy();
    };
  }, [data, lines, axis, log, label, scheme]);

  return <div aria-label={`Chart of ${label}`} className={css.chart} ref={box} role="img" />;
}
