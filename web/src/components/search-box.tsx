import { CloseButton, TextInput } from "@mantine/core";
import { Icon } from "./icon";
import { useSearchText } from "./use-search-text";

interface SearchBoxProps {
  label: string;
  placeholder: string;
  value: string;
  onSearch: (text: string) => void;
}

/** Searches shortly after the last key, or at once with Enter. */
export function SearchBox({ label, placeholder, value, onSearch }: SearchBoxProps) {
  const { text, searchSoon, searchNow } = useSearchText(value, onSearch);
  return (
    <TextInput
      aria-label={label}
      leftSection={<Icon name="search" size={14} />}
      onChange={(event) => searchSoon(event.currentTarget.value)}
      onKeyDown={(event) => {
        if (event.key === "Enter") searchNow(text);
      }}
      placeholder={placeholder}
      rightSection={
        text !== "" && (
          <CloseButton aria-label="Clear the search" onClick={() => searchNow("")} size="xs" />
        )
      }
      value={text}
      w={260}
    />
  );
}
