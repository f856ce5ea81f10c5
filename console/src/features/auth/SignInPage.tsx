import { useQuery } from "@tanstack/react-query";
import { Alert, Button, Form, Input } from "antd";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { Navigate, useSearchParams } from "react-router";
import { ApiError } from "@/api/client";
import { api } from "@/api/operations";
import { useErrorText } from "@/components/ErrorState";
import { LanguageSelect } from "@/components/LanguageSelect";
import { Mark } from "@/components/Mark";
import { useSession, useSessionActions } from "@/lib/session";

/** Only a path of this console; never another site. */
function wanted(next: string | null): string {
  return next && /^\/(?![/\\])/.test(next) && !next.startsWith("/sign-in") ? next : "/";
}

export function Component() {
  const { t } = useTranslation();
  const [search] = useSearchParams();
  const session = useSession();
  const { signIn } = useSessionActions();
  const errorText = useErrorText();
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);

  useEffect(() => {
    document.title = `${t("auth.sign_in")} · Rapport`;
  }, [t]);

  const setup = useQuery({
    queryKey: ["setup"],
    queryFn: ({ signal }) => api.setup(signal),
    enabled: session.data === null,
    staleTime: Infinity,
  });

  if (setup.data?.needed) return <Navigate to="/setup" replace />;
  if (session.data) return <Navigate to={wanted(search.get("next"))} replace />;

  const submit = async (values: { email: string; password: string }) => {
    setBusy(true);
    setError(null);
    try {
      await signIn(values.email.trim(), values.password);
    } catch (problem) {
      setError(problem);
    } finally {
      setBusy(false);
    }
  };
  const refused = error instanceof ApiError && (error.status === 401 || error.status === 403);

  return (
    <div className="sign-in">
      <main className="sign-in-box">
        <Mark size={44} />
        <h1>{t("auth.title")}</h1>
        <p className="muted">{t("auth.subtitle")}</p>
        <Form
          layout="vertical"
          requiredMark={false}
          size="large"
          validateTrigger="onBlur"
          onFinish={(values: { email: string; password: string }) => void submit(values)}
        >
          <Form.Item
            label={t("auth.email")}
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
            <Input
              type="email"
              autoComplete="username"
              autoFocus
              inputMode="email"
              maxLength={254}
            />
          </Form.Item>
          <Form.Item
            label={t("auth.password")}
            name="password"
            rules={[{ required: true, message: t("auth.password_needed") }]}
          >
            <Input.Password autoComplete="current-password" maxLength={1024} />
          </Form.Item>
          {error !== null && (
            <Alert
              type="error"
              showIcon
              className="gap-below"
              title={refused ? t("auth.refused") : errorText(error)}
            />
          )}
          <Button type="primary" htmlType="submit" block loading={busy}>
            {t("auth.sign_in")}
          </Button>
        </Form>
        <footer>
          <LanguageSelect />
        </footer>
      </main>
    </div>
  );
}
