import { TextInput } from "@mantine/core";
import { Icon } from "./icon";

interface FilterInputProps {
  label: string;
  value: string;
  onChange: (text: string) => void;
  /** Takes the full width of its container. */
  wide?: boolean;
}

/** Filters a list that is already loaded. */
export function FilterInput({ label, value, onChange, wide }: FilterInputProps) {
  return (
    <TextInput
      aria-label={label}
      leftSection={<Icon name="search" size={13} />}
      onChange={(event) => onChange(event.currentTarget.value)}
      placeholder="Search"
      value={value}
      w={wide ? "100%" : 150}
    />
  );
}
