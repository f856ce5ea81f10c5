import { Input, Modal } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { ApiError } from "@/api/client";
import { useErrorText } from "@/components/ErrorState";

/** Asks for a list's name; what the server says of it stands under the field. */
export function NameModal({
  title,
  start = "",
  done,
  onSave,
  onClose,
}: {
  title: string;
  start?: string;
  done: string;
  onSave: (name: string) => Promise<void>;
  onClose: () => void;
}) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const [name, setName] = useState(start);
  const [problem, setProblem] = useState("");
  const [busy, setBusy] = useState(false);
  const save = async () => {
    if (!name.trim()) {
      setProblem(t("lists.name_needed"));
      return;
    }
    setBusy(true);
    try {
      await onSave(name.trim());
    } catch (error) {
      const taken = error instanceof ApiError && error.status === 409;
      setProblem(taken ? t("lists.name_taken") : errorText(error));
      setBusy(false);
    }
  };
  return (
    <Modal
      open
      title={title}
      okText={done}
      cancelText={t("common.cancel")}
      confirmLoading={busy}
      onOk={() => void save()}
      onCancel={onClose}
    >
      <label htmlFor="list-name" className="field-label">
        {t("lists.name")}
      </label>
      <Input
        id="list-name"
        value={name}
        onChange={(event) => {
          setName(event.target.value);
          setProblem("");
        }}
        onPressEnter={() => void save()}
        placeholder={t("lists.name_example")}
        status={problem ? "error" : ""}
        aria-describedby={problem ? "list-name-problem" : undefined}
        maxLength={200}
        autoFocus
      />
      <p id="list-name-problem" className="bad-text" role="alert">
        {problem}
      </p>
    </Modal>
  );
}
