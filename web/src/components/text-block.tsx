import css from "./text-block.module.css";

/** The text of a file, unchanged. */
export function TextBlock({ text, label }: { text: string; label: string }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard
    <section aria-label={label} className={css.text} tabIndex={0}>
      <pre>{text}</pre>
    </section>
  );
}
