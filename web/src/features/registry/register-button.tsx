import { Button, Modal } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { Icon } from "@/components/icon";
import { type ModelSource, RegisterForm } from "./register-form";

/** Puts a logged model into the registry, under a new name or as the next version of an old one. */
export function RegisterButton({ source }: { source: ModelSource }) {
  const [opened, dialog] = useDisclosure(false);
  return (
    <>
      <Button leftSection={<Icon name="model" size={14} />} onClick={dialog.open}>
        Register Model
      </Button>
      <Modal onClose={dialog.close} opened={opened} title="Register Model">
        <RegisterForm onCancel={dialog.close} onDone={dialog.close} source={source} />
      </Modal>
    </>
  );
}
