import { expect, test } from "vitest";
import type { MetricWithRunId } from "@/api/types";
import { alignSeries, isLine, smooth, splitByRun } from "./series";

const point = (run_id: string, step: number, value: MetricWithRunId["value"]): MetricWithRunId => ({
  key: "loss",
  run_id,
  step,
  value,
  timestamp: 1000 + step * 2000,
});

test("points are split by run and sorted by step", () => {
  const series = splitByRun(
    [point("b", 1, 3), point("a", 1, 2), point("a", 0, 1)],
    ["a", "b", "c"],
  );
  expect(series.map((one) => one.points.map((p) => p.value))).toEqual([[1, 2], [3], []]);
  expect(isLine(series)).toBe(true);
});

test("columns share one x, with null for values that cannot be drawn", () => {
  const series = splitByRun(
    [point("a", 0, 1), point("a", 2, "NaN"), point("b", 1, -4)],
    ["a", "b"],
  );
  expect(alignSeries(series, "step", false)).toEqual([
    [0, 1, 2],
    [1, null, null],
    [null, -4, null],
  ]);
  expect(alignSeries(series, "time", true)).toEqual([
    [0, 4],
    [1, null],
    [null, null],
  ]);
});

test("smoothing starts at the first value and skips gaps", () => {
  expect(smooth([2, null, 2], 0.9).map((v) => v && Math.round(v * 1e6) / 1e6)).toEqual([
    2,
    null,
    2,
  ]);
  expect(smooth([1, 5], 0)).toEqual([1, 5]);
  const [, second] = smooth([0, 10], 0.5);
  expect(second).toBeCloseTo(6.667, 2);
});
