import { ActionIcon, Button, CloseButton, TextInput } from "@mantine/core";
import { Icon } from "@/components/icon";
import { useSearchText } from "@/components/use-search-text";
import css from "./run-search-box.module.css";
import { SearchHelp } from "./search-help";

interface RunSearchBoxProps {
  value: string;
  error: Error | null;
  onSearch: (text: string) => void;
}

/** Takes a filter in the search language, or part of a run's name. An error is shown below the box. */
export function RunSearchBox({ value, error, onSearch }: RunSearchBoxProps) {
  const { text, setText, searchNow } = useSearchText(value, onSearch);
  return (
    <search className={css.search}>
      <form
        className={css.form}
        onSubmit={(event) => {
          event.preventDefault();
          searchNow(text.trim());
        }}
      >
        <TextInput
          aria-describedby={error === null ? undefined : "run-search-error"}
          aria-label="Search runs"
          className={css.input}
          error={error !== null}
          leftSection={<Icon name="search" size={14} />}
          onChange={(event) => setText(event.currentTarget.value)}
          placeholder="metrics.rmse < 60 AND params.alpha = '0.5'"
          rightSection={
            text !== "" && (
              <CloseButton aria-label="Clear the search" onClick={() => searchNow("")} size="xs" />
            )
          }
          spellCheck={false}
          value={text}
        />
        <Button type="submit" variant="default">
          Search
        </Button>
        <SearchHelp
          onUse={searchNow}
          target={
            <ActionIcon aria-label="How to search">
              <Icon name="help" />
            </ActionIcon>
          }
        />
      </form>
      {error !== null && (
        <p className={css.error} id="run-search-error" role="alert">
          {error.message}
        </p>
      )}
    </search>
  );
}
