import type { ReactNode } from "react";
import css from "./chip.module.css";

export type Tone = "plain" | "accent" | "ok" | "warn" | "bad" | "live";

interface ChipProps {
  tone?: Tone;
  title?: string;
  children: ReactNode;
}

export function Chip({ tone = "plain", title, children }: ChipProps) {
  return (
    <span className={`${css.chip} ${css[tone]}`} title={title}>
      {children}
    </span>
  );
}

const STAGE_TONES: Record<string, Tone> = { Production: "ok", Staging: "warn" };

export function StageChip({ stage }: { stage: string | undefined }) {
  return <Chip tone={STAGE_TONES[stage ?? ""] ?? "plain"}>{stage || "None"}</Chip>;
}

export function AliasChip({ alias }: { alias: string }) {
  return <Chip tone="accent">@{alias}</Chip>;
}
