import { Alert, Button, Form, Input, Modal } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useErrorText } from "@/components/ErrorState";
import { useSessionActions } from "@/lib/session";

/** Asks for the password over the page, so that nothing typed below it is lost. */
export function SessionEnded({ email }: { email: string }) {
  const { t } = useTranslation();
  const { signIn, signOut } = useSessionActions();
  const errorText = useErrorText();
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);

  const submit = async ({ password }: { password: string }) => {
    setBusy(true);
    setError(null);
    try {
      await signIn(email, password);
    } catch (problem) {
      setError(problem);
    } finally {
      setBusy(false);
    }
  };

  return (
    <Modal
      open
      centered
      closable={false}
      keyboard={false}
      footer={null}
      width={400}
      title={t("auth.ended_title")}
    >
      <p className="muted gap-below">{t("auth.ended_text")}</p>
      <Form
        layout="vertical"
        onFinish={(values: { password: string }) => void submit(values)}
        requiredMark={false}
      >
        <Form.Item label={t("auth.email")}>
          <Input value={email} readOnly autoComplete="username" />
        </Form.Item>
        <Form.Item
          label={t("auth.password")}
          name="password"
          rules={[{ required: true, message: t("auth.password_needed") }]}
        >
          <Input.Password autoFocus autoComplete="current-password" />
        </Form.Item>
        {error !== null && (
          <Alert type="error" showIcon title={errorText(error)} className="gap-below" />
        )}
        <div className="row-end">
          <Button type="text" onClick={() => void signOut()}>
            {t("auth.ended_leave")}
          </Button>
          <Button type="primary" htmlType="submit" loading={busy}>
            {t("auth.sign_in")}
          </Button>
        </div>
      </Form>
    </Modal>
  );
}
