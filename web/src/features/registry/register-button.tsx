import { Button, Modal } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { Icon } from "@/components/icon";
import { type ModelSource, RegisterForm } from "./register-form";

/** Registers a logged model under a new name or as the next version of an existing one. */
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
