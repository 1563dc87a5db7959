// Line icons of 16 px, drawn for this UI.
const PATHS = {
  copy: "M5.5 5.5h7v8h-7zM3.5 10.5h-1v-8h7v1",
  check: "M3 8.5l3.2 3.2L13 4.8",
  search: "M7 11.5a4.5 4.5 0 1 0 0-9 4.5 4.5 0 0 0 0 9zM10.3 10.3l3.4 3.4",
  sun: "M8 10.8a2.8 2.8 0 1 0 0-5.6 2.8 2.8 0 0 0 0 5.6zM8 1.5v1.3M8 13.2v1.3M1.5 8h1.3M13.2 8h1.3M3.4 3.4l.9.9M11.7 11.7l.9.9M12.6 3.4l-.9.9M4.3 11.7l-.9.9",
  moon: "M13 9.6A5.5 5.5 0 0 1 6.4 3 5.5 5.5 0 1 0 13 9.6z",
  screen: "M2 3h12v8H2zM6 14h4M8 11v3",
  right: "M6 3.5L10.5 8 6 12.5",
  down: "M3.5 6L8 10.5 12.5 6",
  up: "M3.5 10L8 5.5l4.5 4.5",
  folder: "M1.8 12.8v-9h4.4l1.6 1.8h6.4v7.2z",
  file: "M3.8 1.8h5.4l3 3v9.4H3.8zM9 1.8v3.4h3.2",
  image: "M2 3h12v10H2zM2 11l3.5-3.5L9 11l2-2 3 3M10.6 6.1h.1",
  download: "M8 2v7.5M4.8 6.8L8 10l3.2-3.2M2.5 13.2h11",
  trash: "M2.5 4h11M6 4V2.5h4V4M4 4l.6 9.5h6.8L12 4M6.7 6.8v4M9.3 6.8v4",
  plus: "M8 3v10M3 8h10",
  close: "M4 4l8 8M12 4l-8 8",
  columns: "M2 3h12v10H2zM6 3v10M10 3v10",
  help: "M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12zM6.3 6.4a1.7 1.7 0 1 1 2.5 1.5c-.5.3-.8.6-.8 1.2M8 11.2v.1",
  dots: "M3.5 8h.1M8 8h.1M12.5 8h.1",
  model: "M8 1.8l5.5 3.1v6.2L8 14.2l-5.5-3.1V4.9zM2.5 4.9L8 8l5.5-3.1M8 8v6.2",
  pencil: "M2.8 13.2l.7-3L10.8 3l2.2 2.2-7.2 7.3z",
  flask: "M6 2h4M6.7 2v4.2L3 12.6c-.4.8 0 1.4.8 1.4h8.4c.8 0 1.2-.6.8-1.4L9.3 6.2V2M4.7 10h6.6",
  compare: "M5 3v10M11 3v10M2.5 6h5M8.5 10h5",
  alert: "M8 2.2l6.3 11H1.7zM8 6.5v3.2M8 11.4v.1",
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name, size = 16 }: { name: IconName; size?: number }) {
  return (
    <svg
      aria-hidden="true"
      fill="none"
      height={size}
      stroke="currentColor"
      strokeLinecap="round"
      strokeLinejoin="round"
      strokeWidth={name === "dots" ? 2.4 : 1.4}
      viewBox="0 0 16 16"
      width={size}
    >
      <path d={PATHS[name]} />
    </svg>
  );
}
