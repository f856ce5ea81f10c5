import { keepPreviousData, useQuery, useQueryClient } from "@tanstack/react-query";
import { App, Button, Form, Input, Modal } from "antd";
import { EyeOff, MailX, Plus, Trash2 } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "@/api/operations";
import type { Suppression } from "@/api/types";
import { ListBones } from "@/components/Bones";
import { type Column, DataTable } from "@/components/DataTable";
import { ErrorState } from "@/components/ErrorState";
import { PageHead } from "@/components/PageHead";
import { Pager } from "@/components/Pager";
import { Search } from "@/components/Search";
import { StateNote } from "@/components/StateNote";
import { Time } from "@/components/Time";
import { useCursor, useTypedFilter } from "@/lib/address";
import { useCan } from "@/lib/session";
import { useChange } from "@/components/useChange";

const suppressionsKey = ["suppressions"];

function AddSuppression({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [form] = Form.useForm<{ address: string; detail: string }>();
  const { busy, run } = useChange(form);
  const submit = async (values: { address: string; detail: string }) => {
    const saved = await run(async () => {
      await api.addSuppression({ ...values, reason: "manual" });
      await client.invalidateQueries({ queryKey: suppressionsKey });
    }, t("permission.suppressed"));
    if (saved) onClose();
  };
  return (
    <Modal
      open
      title={t("permission.suppress")}
      onCancel={onClose}
      onOk={form.submit}
      okText={t("permission.suppress")}
      confirmLoading={busy}
    >
      <Form
        form={form}
        layout="vertical"
        requiredMark={false}
        initialValues={{ address: "", detail: "" }}
        onFinish={(values) => void submit(values)}
      >
        <Form.Item
          label={t("permission.address")}
          name="address"
          rules={[{ required: true, whitespace: true, message: t("permission.address_needed") }]}
        >
          <Input autoFocus maxLength={254} />
        </Form.Item>
        <Form.Item label={t("permission.why")} name="detail">
          <Input maxLength={200} />
        </Form.Item>
      </Form>
    </Modal>
  );
}

function useColumns(): Column<Suppression>[] {
  const { t } = useTranslation();
  const { modal } = App.useApp();
  const client = useQueryClient();
  const { run } = useChange();
  const mayWrite = useCan("campaigns.write");
  const change = (
    row: Suppression,
    title: string,
    text: string,
    action: string,
    work: (selector: { channel: string; address: string }) => Promise<unknown>,
  ) =>
    modal.confirm({
      title,
      content: text,
      okText: action,
      okButtonProps: { danger: true },
      onOk: () =>
        run(async () => {
          await work({ channel: row.channel, address: row.address ?? row.hash ?? "" });
          await client.invalidateQueries({ queryKey: suppressionsKey });
        }, t("permission.done")),
    });
  return [
    {
      key: "address",
      title: t("permission.address"),
      primary: true,
      render: (row) =>
        row.address ?? (
          <span className="two-lines">
            {t("permission.forgotten")}
            <code className="faint">{row.hash}</code>
          </span>
        ),
    },
    {
      key: "reason",
      title: t("permission.reason"),
      render: (row) => (
        <span className="two-lines">
          {t(`suppression.${row.reason}`)}
          {row.detail && <span className="faint">{row.detail}</span>}
        </span>
      ),
    },
    { key: "at", title: t("permission.since"), render: (row) => <Time at={row.at} style="date" /> },
    {
      key: "actions",
      title: t("settings.actions"),
      quiet: true,
      numeric: true,
      render: (row) =>
        mayWrite && (
          <>
            {row.address && (
              <Button
                type="text"
                icon={<EyeOff size={15} />}
                aria-label={`${t("permission.forget")}: ${row.address}`}
                onClick={() =>
                  change(
                    row,
                    t("permission.forget_title"),
                    t("permission.forget_text"),
                    t("permission.forget"),
                    api.forgetSuppression,
                  )
                }
              />
            )}
            <Button
              type="text"
              icon={<Trash2 size={15} />}
              aria-label={`${t("permission.lift")}: ${row.address ?? row.hash ?? ""}`}
              onClick={() =>
                change(
                  row,
                  t("permission.lift_title"),
                  t("permission.lift_text"),
                  t("permission.lift"),
                  api.removeSuppression,
                )
              }
            />
          </>
        ),
    },
  ];
}

export function Component() {
  const { t } = useTranslation();
  const cursor = useCursor();
  const filter = useTypedFilter("query");
  const mayAdd = useCan("consent.write");
  const [adding, setAdding] = useState(false);
  const columns = useColumns();
  const query = { query: filter.value, cursor: cursor.cursor, limit: 50 };
  const list = useQuery({
    queryKey: [...suppressionsKey, query],
    queryFn: ({ signal }) => api.suppressions(query, signal),
    placeholderData: keepPreviousData,
  });
  const rows = list.data?.items ?? [];
  const add = mayAdd && (
    <Button icon={<Plus size={15} />} onClick={() => setAdding(true)}>
      {t("permission.suppress")}
    </Button>
  );
  return (
    <>
      <PageHead
        title={t("nav.suppressions")}
        note={t("permission.suppressions_note")}
        actions={add}
      />
      <div className="filters">
        <Search
          value={filter.typed}
          onChange={filter.setTyped}
          label={t("permission.find_address")}
        />
      </div>
      {list.isPending && <ListBones />}
      {list.isError && !list.data && (
        <ErrorState error={list.error} retry={() => void list.refetch()} />
      )}
      {list.isSuccess && rows.length === 0 && (
        <StateNote
          icon={<MailX size={22} />}
          title={t("permission.no_suppressions")}
          text={t("permission.suppressions_note")}
        />
      )}
      {rows.length > 0 && (
        <DataTable
          label={t("nav.suppressions")}
          columns={columns}
          rows={rows}
          rowKey={(row) => `${row.channel}:${row.address ?? row.hash ?? ""}`}
          dim={list.isPlaceholderData}
        />
      )}
      <Pager cursor={cursor} next={list.data?.next_cursor} busy={list.isPlaceholderData} />
      {adding && <AddSuppression onClose={() => setAdding(false)} />}
    </>
  );
}
