import { useDebouncedCallback } from "@mantine/hooks";
import { useEffect, useRef, useState } from "react";

const PAUSE_MS = 220;

/**
 * The text of a search box whose search is kept elsewhere: in the address of its page, or in a form. The search
 * follows the text. The text follows the search only if something else changed it (Back, a link): an update that the
 * box itself asked for may be older than what is being typed, so it does not replace the text.
 */
export function useSearchText(value: string, onSearch: (text: string) => void) {
  const [text, setText] = useState(value);
  /** Searches that the box asked for and that have not arrived as `value` yet, oldest first. */
  const asked = useRef<string[]>([]);
  const ask = (wanted: string) => {
    if (wanted !== (asked.current.at(-1) ?? value)) asked.current.push(wanted);
    onSearch(wanted);
  };
  // Cancelled when the box unmounts: a search that is still waiting then is not made.
  const askLater = useDebouncedCallback(ask, PAUSE_MS);

  useEffect(() => {
    const answered = asked.current.lastIndexOf(value);
    if (answered >= 0) {
      asked.current.splice(0, answered + 1);
      return;
    }
    asked.current = [];
    askLater.cancel();
    setText(value);
  }, [value, askLater]);

  return {
    text,
    setText,
    /** Searches shortly after the last key. */
    searchSoon: (wanted: string) => {
      setText(wanted);
      askLater(wanted);
    },
    searchNow: (wanted: string) => {
      askLater.cancel();
      setText(wanted);
      ask(wanted);
    },
  };
}
