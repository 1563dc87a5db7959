import type uPlot from "uplot";
import { formatNumber } from "@/lib/numbers";
import css from "./line-chart.module.css";
import type { LineStyle } from "./line-style";

const AT_MOST = 10;

/** A note beside the cursor with the values there. Names are set as text, never as HTML. */
export function cursorNote(lines: LineStyle[], xLabel: (x: number) => string): uPlot.Plugin {
  const note = document.createElement("div");
  note.className = css.note ?? "";
  note.hidden = true;

  function fill(plot: uPlot, index: number) {
    const head = document.createElement("div");
    head.textContent = xLabel(plot.data[0][index] ?? 0);
    const rows = lines.slice(0, AT_MOST).flatMap((line, i) => {
      const value = plot.data[i + 1]?.[index];
      if (value === null || value === undefined) return [];
      const row = document.createElement("div");
      const swatch = document.createElement("i");
      swatch.style.background = line.color;
      const name = document.createElement("span");
      name.textContent = line.name;
      const number = document.createElement("b");
      number.textContent = formatNumber(value, 6);
      row.append(swatch, name, number);
      return [row];
    });
    note.replaceChildren(head, ...rows);
  }

  return {
    hooks: {
      init: (plot) => plot.over.append(note),
      setCursor: (plot) => {
        const { idx, left = -1, top = 0 } = plot.cursor;
        note.hidden = idx === null || idx === undefined || left < 0;
        if (note.hidden || idx === null || idx === undefined) return;
        fill(plot, idx);
        const before = left + 12 + note.offsetWidth > plot.over.clientWidth;
        note.style.left = `${before ? Math.max(0, left - 12 - note.offsetWidth) : left + 12}px`;
        note.style.top = `${Math.max(0, Math.min(top - 10, plot.over.clientHeight - 44))}px`;
      },
    },
  };
}
