import { type CSSVariablesResolver, createTheme, type MantineColorsTuple } from "@mantine/core";

const yard: MantineColorsTuple = [
  "#e9f7f4",
  "#d3ece7",
  "#a6d9cf",
  "#76c5b5",
  "#4fb4a0",
  "#2fa08b",
  "#178a77",
  "#0f766e",
  "#0b5f58",
  "#074741",
];

/** Shades from text to background, in the hue of theme.css. The library's dark mode uses these. */
const dark: MantineColorsTuple = [
  "#c3ceca",
  "#a9b6b1",
  "#98a5a0",
  "#6d7975",
  "#38423f",
  "#2b3432",
  "#1d2422",
  "#161b1a",
  "#111615",
  "#0c100f",
];

export const theme = createTheme({
  primaryColor: "yard",
  primaryShade: { light: 7, dark: 6 },
  colors: { yard, dark },
  fontFamily:
    'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Helvetica Neue", Arial, sans-serif',
  fontFamilyMonospace:
    'ui-monospace, "SF Mono", SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace',
  defaultRadius: "sm",
  fontSizes: { xs: "12px", sm: "13px", md: "14px", lg: "16px", xl: "20px" },
  components: {
    Button: { defaultProps: { size: "xs" } },
    TextInput: { defaultProps: { size: "xs" } },
    Textarea: { defaultProps: { size: "xs" } },
    Select: { defaultProps: { size: "xs" } },
    Autocomplete: { defaultProps: { size: "xs" } },
    Checkbox: { defaultProps: { size: "xs" } },
    SegmentedControl: { defaultProps: { size: "xs" } },
    ActionIcon: { defaultProps: { variant: "subtle", color: "gray", size: "md" } },
    Tooltip: { defaultProps: { openDelay: 350, withArrow: true, fz: "xs" } },
    Modal: { defaultProps: { centered: true, size: "md", transitionProps: { duration: 120 } } },
    Menu: { defaultProps: { shadow: "md", transitionProps: { duration: 80 } } },
    Popover: { defaultProps: { shadow: "md", transitionProps: { duration: 80 } } },
  },
});

/** The library's surfaces use our colours (theme.css). */
export const cssVariables: CSSVariablesResolver = () => ({
  variables: {},
  light: surfaces,
  dark: surfaces,
});

const surfaces = {
  "--mantine-color-body": "var(--surface)",
  "--mantine-color-text": "var(--text)",
  "--mantine-color-dimmed": "var(--dim)",
  "--mantine-color-default": "var(--surface)",
  "--mantine-color-default-border": "var(--line-strong)",
  "--mantine-color-default-hover": "var(--hover)",
  "--mantine-color-placeholder": "var(--faint)",
};
