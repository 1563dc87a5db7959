import { webLink } from "@/lib/links";

/** Text from the server: a link when it is a web address, else text. */
export function SafeLink({ text, label }: { text: string; label?: string }) {
  const href = webLink(text);
  if (href === undefined) return <span title={text}>{label ?? text}</span>;
  return (
    <a href={href} rel="noreferrer noopener" target="_blank" title={text}>
      {label ?? text}
    </a>
  );
}
