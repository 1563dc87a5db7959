import { Button, Checkbox, Popover } from "@mantine/core";
import { useState } from "react";
import { FilterInput } from "@/components/filter-input";
import { Icon } from "@/components/icon";
import type { RunKeys } from "@/lib/run";
import css from "./column-picker.module.css";
import { ATTRIBUTES, metricId, paramId } from "./run-columns";

interface ColumnPickerProps {
  keys: RunKeys;
  visible: Record<string, boolean>;
  /** Called with the changed columns only. */
  onPick: (changes: Record<string, boolean>) => void;
}

interface Group {
  title: string;
  columns: { id: string; label: string }[];
}

export function ColumnPicker({ keys, visible, onPick }: ColumnPickerProps) {
  const [text, setText] = useState("");
  const groups: Group[] = [
    { title: "Run", columns: Object.entries(ATTRIBUTES).map(([id, label]) => ({ id, label })) },
    { title: "Metrics", columns: keys.metrics.map((key) => ({ id: metricId(key), label: key })) },
    { title: "Parameters", columns: keys.params.map((key) => ({ id: paramId(key), label: key })) },
  ];
  const set = (ids: string[], shown: boolean) =>
    onPick(Object.fromEntries(ids.map((id) => [id, shown])));
  const wanted = text.trim().toLowerCase();
  return (
    <Popover position="bottom-end" trapFocus width={280}>
      <Popover.Target>
        <Button leftSection={<Icon name="columns" size={14} />} variant="default">
          Columns
        </Button>
      </Popover.Target>
      <Popover.Dropdown p={0}>
        <div className={css.search}>
          <FilterInput label="Search columns" onChange={setText} value={text} wide />
        </div>
        <div className={css.list}>
          {groups.map(({ title, columns }) => {
            const found = columns.filter((column) => column.label.toLowerCase().includes(wanted));
            if (found.length === 0) return null;
            const all = found.every((column) => visible[column.id] !== false);
            return (
              <fieldset className={css.group} key={title}>
                <legend>
                  {title}
                  <Button
                    color="gray"
                    onClick={() =>
                      set(
                        found.map((column) => column.id),
                        !all,
                      )
                    }
                    size="compact-xs"
                    variant="subtle"
                  >
                    {all ? "Hide all" : "Show all"}
                  </Button>
                </legend>
                {found.map((column) => (
                  <Checkbox
                    checked={visible[column.id] !== false}
                    key={column.id}
                    label={column.label}
                    onChange={(event) => set([column.id], event.currentTarget.checked)}
                  />
                ))}
              </fieldset>
            );
          })}
        </div>
      </Popover.Dropdown>
    </Popover>
  );
}
