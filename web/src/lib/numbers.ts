import type { Double } from "@/api/types";

/** The largest double. Databases without infinities store it in their place. */
const HUGE = 1.7976931348623157e308;

export function toNumber(value: Double | undefined): number {
  if (value === undefined) return Number.NaN;
  const number = typeof value === "number" ? value : Number(value);
  if (number >= HUGE) return Number.POSITIVE_INFINITY;
  if (number <= -HUGE) return Number.NEGATIVE_INFINITY;
  return number;
}

/** A metric for a table cell, with up to `digits` significant digits. */
export function formatNumber(value: Double | undefined, digits = 5): string {
  if (value === undefined) return "";
  const number = toNumber(value);
  if (Number.isNaN(number)) return "NaN";
  if (!Number.isFinite(number)) return number > 0 ? "∞" : "−∞";
  if (number === 0) return "0";
  const size = Math.abs(number);
  if (size >= 1e9 || size < 1e-4)
    return number.toExponential(Math.max(digits - 2, 1)).replace(/\.?0+e/, "e");
  if (Number.isInteger(number)) return String(number);
  return String(
    Number(number.toPrecision(Math.max(digits, Math.trunc(size).toString().length + 1))),
  );
}

export interface Range {
  min: number;
  max: number;
}

/** The range of the finite values; undefined if there are none. */
export function rangeOf(values: Iterable<number>): Range | undefined {
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    if (value < min) min = value;
    if (value > max) max = value;
  }
  return min <= max ? { min, max } : undefined;
}

/** The position of a value in a range, from 0 to 1. */
export function share(value: number, range: Range): number {
  if (!Number.isFinite(value) || range.max === range.min) return 0;
  return (value - range.min) / (range.max - range.min);
}

export function formatBytes(bytes: number | undefined): string {
  if (bytes === undefined) return "";
  const units = ["B", "kB", "MB", "GB", "TB"];
  let size = bytes;
  let unit = 0;
  while (size >= 1000 && unit < units.length - 1) {
    size /= 1000;
    unit += 1;
  }
  return `${unit === 0 || size >= 100 ? Math.round(size) : size.toFixed(1)} ${units[unit]}`;
}

export function plural(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString("en")} ${count === 1 ? one : many}`;
}
