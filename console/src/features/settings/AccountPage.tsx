import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, Form, Input } from "antd";
import { useTranslation } from "react-i18next";
import { api } from "@/api/operations";
import type { OpenSession } from "@/api/types";
import { ListBones } from "@/components/Bones";
import { type Column, DataTable } from "@/components/DataTable";
import { ErrorState } from "@/components/ErrorState";
import { Time } from "@/components/Time";
import { useSession } from "@/lib/session";
import { useSave } from "./useSave";

interface Values {
  current: string;
  new: string;
}

const shortestPassword = 10;

function PasswordForm() {
  const { t } = useTranslation();
  const [form] = Form.useForm<Values>();
  const { busy, save } = useSave(form);
  const session = useSession();
  const client = useQueryClient();
  const submit = async (values: Values) => {
    const saved = await save(
      () => api.changePassword(values.current, values.new),
      t("settings.password_changed"),
    );
    if (saved) {
      form.resetFields();
      void client.invalidateQueries({ queryKey: ["sessions"] });
    }
  };
  return (
    <Form
      form={form}
      layout="vertical"
      requiredMark={false}
      initialValues={{ current: "", new: "" }}
      onFinish={(values: Values) => void submit(values)}
      className="settings-form"
    >
      <input
        type="text"
        hidden
        readOnly
        autoComplete="username"
        value={session.data?.user.email ?? ""}
      />
      <Form.Item
        label={t("settings.password_current")}
        name="current"
        rules={[{ required: true, message: t("auth.password_needed") }]}
      >
        <Input.Password autoComplete="current-password" maxLength={1024} />
      </Form.Item>
      <Form.Item
        label={t("settings.password_new")}
        name="new"
        extra={t("settings.password_rule", { count: shortestPassword })}
        rules={[
          {
            required: true,
            min: shortestPassword,
            message: t("settings.password_rule", { count: shortestPassword }),
          },
        ]}
      >
        <Input.Password autoComplete="new-password" maxLength={1024} />
      </Form.Item>
      <Button type="primary" htmlType="submit" loading={busy}>
        {t("user.password")}
      </Button>
    </Form>
  );
}

function Sessions() {
  const { t } = useTranslation();
  const client = useQueryClient();
  const { save } = useSave();
  const sessions = useQuery({
    queryKey: ["sessions"],
    queryFn: ({ signal }) => api.sessions(signal),
  });
  const columns: Column<OpenSession>[] = [
    {
      key: "agent",
      title: t("settings.browser"),
      primary: true,
      render: (row) => (
        <span className="two-lines">
          <span className="session-agent">{row.user_agent || "–"}</span>
          <small className="muted">{row.ip}</small>
        </span>
      ),
    },
    {
      key: "seen",
      title: t("settings.last_used"),
      render: (row) => <Time at={row.last_seen_at} />,
    },
    {
      key: "end",
      title: t("settings.actions"),
      quiet: true,
      numeric: true,
      render: (row) =>
        row.current ? (
          <span className="muted">{t("settings.this_session")}</span>
        ) : (
          <Button
            size="small"
            onClick={() =>
              void save(async () => {
                await api.revokeSession(row.id);
                await client.invalidateQueries({ queryKey: ["sessions"] });
              }, t("settings.removed"))
            }
          >
            {t("settings.end_session")}
          </Button>
        ),
    },
  ];
  if (sessions.isPending) return <ListBones rows={2} />;
  if (!sessions.data)
    return <ErrorState error={sessions.error} retry={() => void sessions.refetch()} />;
  return (
    <DataTable
      label={t("settings.sessions")}
      columns={columns}
      rows={sessions.data.items}
      rowKey={(row) => row.id}
    />
  );
}

export function Component() {
  const { t } = useTranslation();
  return (
    <div className="stack">
      <section>
        <h2 className="section-title">{t("user.password")}</h2>
        <p className="section-note">{t("settings.password_note")}</p>
        <PasswordForm />
      </section>
      <section>
        <h2 className="section-title">{t("settings.sessions")}</h2>
        <Sessions />
      </section>
    </div>
  );
}
