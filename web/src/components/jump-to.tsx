import { Button } from "@mantine/core";

interface JumpToProps {
  targets: { id: string; label: string }[];
}

/** Buttons that scroll to the sections of a long page. Links would not work: the hash holds the route. */
export function JumpTo({ targets }: JumpToProps) {
  return (
    <Button.Group>
      {targets.map(({ id, label }) => (
        <Button
          key={id}
          onClick={() => document.getElementById(id)?.scrollIntoView({ behavior: "smooth" })}
          variant="default"
        >
          {label}
        </Button>
      ))}
    </Button.Group>
  );
}
