export interface LineStyle {
  name: string;
  color: string;
}

/** Ten colours that are easy to tell apart on white and on black. */
const COLORS = [
  "#17a08c",
  "#d9722e",
  "#4f79d6",
  "#b8489b",
  "#8a9a1f",
  "#c9484a",
  "#3d9bc4",
  "#8a63d2",
  "#b58a1b",
  "#5d8a5a",
];

export function seriesColor(index: number): string {
  return COLORS[index % COLORS.length] ?? "#17a08c";
}
