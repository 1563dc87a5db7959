import { useDebouncedCallback } from "@mantine/hooks";
import { useEffect, useRef, useState } from "react";

const PAUSE_MS = 220;

/**
 * The text of a search box whose search is kept elsewhere: in the address of its page. The search follows the text;
 * the text follows the search only where something else changed that (Back, a link). An answer to what the box asked
 * itself may be older than what is being typed, and changes nothing.
 */
export function useSearchText(value: string, onSearch: (text: string) => void) {
  const [text, setText] = useState(value);
  /** What the box asked for and has not seen yet, the oldest first. */
  const asked = useRef<string[]>([]);
  const ask = (wanted: string) => {
    if (wanted !== (asked.current.at(-1) ?? value)) asked.current.push(wanted);
    onSearch(wanted);
  };
  // It ends with the box: a search that waits when the page goes is never made.
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
    /** A moment after the last key. */
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
