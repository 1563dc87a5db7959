import { ActionIcon, Tooltip } from "@mantine/core";
import { useClipboard } from "@mantine/hooks";
import { Icon } from "./icon";

export function CopyButton({ text, label }: { text: string; label: string }) {
  const clipboard = useClipboard({ timeout: 1400 });
  const said = clipboard.copied ? "Copied" : label;
  return (
    <Tooltip label={said}>
      <ActionIcon
        aria-label={said}
        color={clipboard.copied ? "yard" : "gray"}
        onClick={() => clipboard.copy(text)}
        size="sm"
      >
        <Icon name={clipboard.copied ? "check" : "copy"} size={14} />
      </ActionIcon>
    </Tooltip>
  );
}
