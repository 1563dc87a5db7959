import { CloseButton, TextInput } from "@mantine/core";
import { useDebouncedCallback } from "@mantine/hooks";
import { useEffect, useState } from "react";
import { Icon } from "./icon";

interface SearchBoxProps {
  label: string;
  placeholder: string;
  value: string;
  onSearch: (text: string) => void;
}

/** Searches while typing, a moment after the last key. */
export function SearchBox({ label, placeholder, value, onSearch }: SearchBoxProps) {
  const [text, setText] = useState(value);
  const search = useDebouncedCallback(onSearch, 220);
  useEffect(() => setText(value), [value]);
  const change = (next: string) => {
    setText(next);
    search(next);
  };
  return (
    <TextInput
      aria-label={label}
      leftSection={<Icon name="search" size={14} />}
      onChange={(event) => change(event.currentTarget.value)}
      placeholder={placeholder}
      rightSection={
        text !== "" && (
          <CloseButton aria-label="Clear the search" onClick={() => change("")} size="xs" />
        )
      }
      value={text}
      w={260}
    />
  );
}
