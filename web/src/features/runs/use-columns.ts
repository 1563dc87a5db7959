import { useLocalStorage, useMediaQuery } from "@mantine/hooks";
import { useMemo } from "react";
import type { RunKeys } from "@/lib/run";
import { metricId, paramId } from "./run-columns";

/** How many metrics, and how many params, are shown by default. The picker has the rest. */
const SHOWN = 40;
/** Hidden by default in a narrow window, so that metrics are visible. */
const MINOR = ["duration", "user", "source"];

/** Which columns an experiment's table shows. The user's choice is stored in this browser. */
export function useColumns(experimentId: string, keys: RunKeys) {
  const [picked, setPicked] = useLocalStorage<Record<string, boolean>>({
    key: `mlyard.columns.${experimentId}`,
    defaultValue: {},
    getInitialValueInEffect: false,
  });
  const narrow = useMediaQuery("(max-width: 1000px)", false, { getInitialValueInEffect: false });
  const visible = useMemo(() => {
    const hidden = [
      ...keys.metrics.slice(SHOWN).map(metricId),
      ...keys.params.slice(SHOWN).map(paramId),
      ...(narrow ? MINOR : []),
    ];
    return { ...Object.fromEntries(hidden.map((id) => [id, false])), ...picked };
  }, [keys, picked, narrow]);
  const pick = (changes: Record<string, boolean>) => setPicked({ ...picked, ...changes });
  return { visible, pick };
}
