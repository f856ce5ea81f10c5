import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Alert, App, Button, Form, Input, Modal, Radio } from "antd";
import { KeyRound, Plus, Trash2 } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "@/api/operations";
import type { ApiKey, Scope } from "@/api/types";
import { ListBones } from "@/components/Bones";
import { type Column, DataTable } from "@/components/DataTable";
import { ErrorState } from "@/components/ErrorState";
import { Pager } from "@/components/Pager";
import { Snippet } from "@/components/Snippet";
import { StateNote } from "@/components/StateNote";
import { Time } from "@/components/Time";
import { useCursor } from "@/lib/address";
import { useSave } from "./useSave";

const scopes: Scope[] = ["ingest", "read", "admin"];

function tryOut(key: ApiKey): string {
  const origin = window.location.origin;
  if (key.scope !== "ingest")
    return `curl ${origin}/api/v1/overview -H 'Authorization: Bearer ${key.key}'`;
  return [
    `curl ${origin}/v1/track -u ${key.key}: \\`,
    "  -H 'Content-Type: application/json' \\",
    `  -d '{"userId":"u-1","event":"Order Completed","properties":{"total":52.3}}'`,
  ].join("\n");
}

function MadeKey({ made, onClose }: { made: ApiKey; onClose: () => void }) {
  const { t } = useTranslation();
  return (
    <Modal
      open
      width={620}
      title={made.name}
      onCancel={onClose}
      onOk={onClose}
      okText={t("settings.key_stored")}
      footer={(_all, { OkBtn }) => <OkBtn />}
      mask={{ closable: false }}
    >
      <Alert type="warning" showIcon title={t("settings.key_once")} className="gap-below" />
      <Snippet text={made.key ?? ""} />
      <p className="snippet-title">{t("settings.try_key")}</p>
      <Snippet text={tryOut(made)} />
    </Modal>
  );
}

function NewKey({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [form] = Form.useForm<{ name: string; scope: Scope }>();
  const { busy, save } = useSave(form);
  const [made, setMade] = useState<ApiKey | null>(null);
  const submit = (values: { name: string; scope: Scope }) =>
    save(async () => {
      setMade(await api.createKey(values));
      void client.invalidateQueries({ queryKey: ["keys"] });
    }, t("settings.key_made"));
  if (made) return <MadeKey made={made} onClose={onClose} />;
  return (
    <Modal
      open
      title={t("settings.new_key")}
      onCancel={onClose}
      onOk={form.submit}
      okText={t("settings.make_key")}
      confirmLoading={busy}
    >
      <Form
        form={form}
        layout="vertical"
        requiredMark={false}
        initialValues={{ name: "", scope: "ingest" }}
        onFinish={(values) => void submit(values)}
      >
        <Form.Item
          label={t("settings.key_name")}
          name="name"
          rules={[{ required: true, whitespace: true, message: t("settings.name_needed") }]}
        >
          <Input autoFocus placeholder={t("settings.key_name_example")} maxLength={200} />
        </Form.Item>
        <Form.Item label={t("settings.scope")} name="scope">
          <Radio.Group
            className="choice"
            options={scopes.map((value) => ({
              value,
              label: (
                <>
                  <strong>{t(`scope.${value}`)}</strong>
                  <small>{t(`scope.${value}_note`)}</small>
                </>
              ),
            }))}
          />
        </Form.Item>
      </Form>
    </Modal>
  );
}

function useColumns(): Column<ApiKey>[] {
  const { t } = useTranslation();
  const client = useQueryClient();
  const { modal } = App.useApp();
  const { save } = useSave();
  const revoke = (key: ApiKey) =>
    modal.confirm({
      title: t("settings.revoke_title", { name: key.name }),
      content: t("settings.revoke_text"),
      okText: t("settings.revoke"),
      okButtonProps: { danger: true },
      onOk: () =>
        save(async () => {
          await api.removeKey(key.id);
          await client.invalidateQueries({ queryKey: ["keys"] });
        }, t("settings.removed")),
    });
  return [
    {
      key: "name",
      title: t("settings.key_name"),
      primary: true,
      render: (row) => (
        <span className="two-lines">
          {row.name}
          <code className="faint">{row.prefix}…</code>
        </span>
      ),
    },
    { key: "scope", title: t("settings.scope"), render: (row) => t(`scope.${row.scope}`) },
    {
      key: "used",
      title: t("settings.last_used"),
      render: (row) => <Time at={row.last_used_at} />,
    },
    {
      key: "made",
      title: t("segments.created"),
      render: (row) => <Time at={row.created_at} style="date" />,
    },
    {
      key: "revoke",
      title: t("settings.actions"),
      quiet: true,
      numeric: true,
      render: (row) => (
        <Button
          type="text"
          icon={<Trash2 size={15} />}
          aria-label={`${t("settings.revoke")}: ${row.name}`}
          onClick={() => revoke(row)}
        />
      ),
    },
  ];
}

export function Component() {
  const { t } = useTranslation();
  const cursor = useCursor();
  const [adding, setAdding] = useState(false);
  const columns = useColumns();
  const keys = useQuery({
    queryKey: ["keys", cursor.cursor],
    queryFn: ({ signal }) => api.keys({ cursor: cursor.cursor, limit: 100 }, signal),
  });
  const create = (
    <Button icon={<Plus size={15} />} onClick={() => setAdding(true)}>
      {t("settings.new_key")}
    </Button>
  );
  const rows = keys.data?.items ?? [];
  return (
    <>
      <div className="section-head">
        <div>
          <h2 className="section-title">{t("settings.keys")}</h2>
          <p className="section-note">{t("settings.keys_note")}</p>
        </div>
        {rows.length > 0 && create}
      </div>
      {keys.isPending && <ListBones rows={3} />}
      {keys.isError && !keys.data && (
        <ErrorState error={keys.error} retry={() => void keys.refetch()} />
      )}
      {keys.isSuccess && rows.length === 0 && (
        <StateNote
          icon={<KeyRound size={22} />}
          title={t("settings.no_keys")}
          text={t("settings.keys_note")}
          action={create}
        />
      )}
      {rows.length > 0 && (
        <DataTable
          label={t("settings.keys")}
          columns={columns}
          rows={rows}
          rowKey={(row) => row.id}
        />
      )}
      <Pager cursor={cursor} next={keys.data?.next_cursor} />
      {adding && <NewKey onClose={() => setAdding(false)} />}
    </>
  );
}
