import { Alert, Button, Form, Input, Select } from "antd";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { Navigate, useNavigate } from "react-router";
import { ApiError } from "@/api/client";
import { api } from "@/api/operations";
import { useErrorText } from "@/components/ErrorState";
import { LanguageSelect } from "@/components/LanguageSelect";
import { Mark } from "@/components/Mark";
import { Snippet } from "@/components/Snippet";
import { StateNote } from "@/components/StateNote";
import { useSession, useSessionActions } from "@/lib/session";
import { useZones } from "@/lib/zones";

interface Values {
  workspace: string;
  email: string;
  password: string;
  time_zone: string;
}

interface Made extends Pick<Values, "email" | "password"> {
  write_key: string;
  admin_key: string;
}

const startTries = 40;
const startWaitMs = 500;

/** The token stands behind '#', which browsers send to nobody. */
function tokenOfAddress(): string {
  return new URLSearchParams(window.location.hash.slice(1)).get("token") ?? "";
}

function SetupForm({ token, onMade }: { token: string; onMade: (made: Made) => void }) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const [form] = Form.useForm<Values>();
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const here = Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";
  const zones = useZones(here);

  const submit = async (values: Values) => {
    setBusy(true);
    setError(null);
    try {
      const made = await api.setUp({ ...values, email: values.email.trim(), token });
      onMade({ ...made, password: values.password });
    } catch (problem) {
      const known = new Set(Object.keys(values));
      const fields =
        problem instanceof ApiError ? problem.fields.filter((field) => known.has(field.field)) : [];
      if (fields.length > 0) {
        form.setFields(
          fields.map((field) => ({ name: field.field as keyof Values, errors: [field.message] })),
        );
      } else setError(problem);
    } finally {
      setBusy(false);
    }
  };
  const refused = error instanceof ApiError && error.status === 403;
  return (
    <Form<Values>
      form={form}
      layout="vertical"
      requiredMark={false}
      size="large"
      validateTrigger="onBlur"
      initialValues={{ time_zone: here }}
      onFinish={(values) => void submit(values)}
    >
      <Form.Item
        label={t("setup.workspace")}
        name="workspace"
        rules={[{ required: true, whitespace: true, message: t("setup.workspace_needed") }]}
      >
        <Input autoFocus maxLength={200} autoComplete="organization" />
      </Form.Item>
      <Form.Item
        label={t("setup.email")}
        name="email"
        rules={[
          {
            required: true,
            type: "email",
            transform: (value: string) => value?.trim(),
            message: t("auth.email_needed"),
          },
        ]}
      >
        <Input type="email" autoComplete="username" inputMode="email" maxLength={254} />
      </Form.Item>
      <Form.Item
        label={t("setup.password")}
        name="password"
        extra={t("setup.password_hint")}
        rules={[{ required: true, min: 10, message: t("setup.password_hint") }]}
      >
        <Input.Password autoComplete="new-password" maxLength={256} />
      </Form.Item>
      <Form.Item label={t("setup.time_zone")} name="time_zone">
        <Select showSearch={{ optionFilterProp: "label" }} options={zones} />
      </Form.Item>
      {error !== null && (
        <Alert
          type="error"
          showIcon
          className="gap-below"
          title={refused ? t("setup.refused") : errorText(error)}
        />
      )}
      <Button type="primary" htmlType="submit" block loading={busy}>
        {t("setup.create")}
      </Button>
    </Form>
  );
}

/** The keys, once; then in, as soon as the program serves the new workspace. */
function Done({ made }: { made: Made }) {
  const { t } = useTranslation();
  const { signIn } = useSessionActions();
  const navigate = useNavigate();
  const errorText = useErrorText();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);

  const enter = async () => {
    setBusy(true);
    setError(null);
    for (let tries = 0; tries < startTries; tries += 1) {
      try {
        await signIn(made.email, made.password);
        void navigate("/", { replace: true });
        return;
      } catch (problem) {
        // While the program changes over, it does not answer or does not know sign-ins yet.
        const starting =
          problem instanceof ApiError &&
          (problem.status === 0 || [404, 405, 503].includes(problem.status));
        if (!starting) {
          setError(problem);
          break;
        }
        setError(problem);
        await new Promise((resolve) => setTimeout(resolve, startWaitMs));
      }
    }
    setBusy(false);
  };
  return (
    <>
      <Alert type="warning" showIcon className="gap-below" title={t("setup.done_text")} />
      <p className="snippet-title">{t("setup.write_key")}</p>
      <Snippet text={made.write_key} />
      <p className="snippet-title">{t("setup.admin_key")}</p>
      <Snippet text={made.admin_key} />
      {error !== null && !busy && (
        <Alert type="error" showIcon className="gap-below" title={errorText(error)} />
      )}
      <Button type="primary" size="large" block loading={busy} onClick={() => void enter()}>
        {busy ? t("setup.starting") : t("setup.enter")}
      </Button>
    </>
  );
}

export function Component() {
  const { t } = useTranslation();
  const session = useSession();
  const [token] = useState(tokenOfAddress);
  const [made, setMade] = useState<Made | null>(null);

  useEffect(() => {
    document.title = `${t("setup.title")} · Rapport`;
  }, [t]);

  if (session.data) return <Navigate to="/" replace />;
  return (
    <div className="sign-in">
      <main className="sign-in-box is-wide">
        <Mark size={44} />
        {token === "" ? (
          <StateNote page title={t("setup.no_token_title")} text={t("setup.no_token_text")} />
        ) : (
          <>
            <h1>{made ? t("setup.done_title") : t("setup.title")}</h1>
            {!made && <p className="muted">{t("setup.subtitle")}</p>}
            {made ? <Done made={made} /> : <SetupForm token={token} onMade={setMade} />}
          </>
        )}
        <footer>
          <LanguageSelect />
        </footer>
      </main>
    </div>
  );
}
