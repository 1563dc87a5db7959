import { webLink } from "@/lib/links";

/** Text from the server, shown as a link if it is a web address. */
export function SafeLink({ text, label }: { text: string; label?: string }) {
  const href = webLink(text);
  if (href === undefined) return <span title={text}>{label ?? text}</span>;
  return (
    <a href={href} rel="noreferrer noopener" target="_blank" title={text}>
      {label ?? text}
    </a>
  );
}
