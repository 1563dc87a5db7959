import { SegmentedControl, Slider, Switch } from "@mantine/core";
import { FilterInput } from "@/components/filter-input";
import type { XAxis } from "@/lib/series";
import css from "./metric-charts.module.css";

export interface ChartView {
  axis: XAxis;
  log: boolean;
  /** Between 0 (none) and 1. */
  smoothing: number;
  text: string;
}

interface ChartToolsProps {
  view: ChartView;
  searchable: boolean;
  onChange: (view: ChartView) => void;
}

export function ChartTools({ view, searchable, onChange }: ChartToolsProps) {
  return (
    <>
      {searchable && (
        <FilterInput
          label="Search charts"
          onChange={(text) => onChange({ ...view, text })}
          value={view.text}
        />
      )}
      <div className={css.smoothing}>
        <span>Smoothing</span>
        <Slider
          label={(value) => value.toFixed(2)}
          max={0.98}
          min={0}
          onChange={(smoothing) => onChange({ ...view, smoothing })}
          size="xs"
          step={0.02}
          thumbProps={{ "aria-label": "Smoothing" }}
          value={view.smoothing}
          w={80}
        />
      </div>
      <SegmentedControl
        aria-label="Horizontal axis"
        data={[
          { value: "step", label: "Step" },
          { value: "time", label: "Time" },
        ]}
        onChange={(axis) => onChange({ ...view, axis: axis === "time" ? "time" : "step" })}
        value={view.axis}
      />
      <Switch
        checked={view.log}
        label="Log scale"
        onChange={(event) => onChange({ ...view, log: event.currentTarget.checked })}
        size="xs"
      />
    </>
  );
}
