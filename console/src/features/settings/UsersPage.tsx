import { useQuery, useQueryClient } from "@tanstack/react-query";
import { App, Button, Form, Input, Modal, Select } from "antd";
import { Plus, Trash2 } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "@/api/operations";
import type { Role, User } from "@/api/types";
import { Avatar } from "@/components/Avatar";
import { ListBones } from "@/components/Bones";
import { type Column, DataTable } from "@/components/DataTable";
import { ErrorState } from "@/components/ErrorState";
import { Pager } from "@/components/Pager";
import { Snippet } from "@/components/Snippet";
import { Time } from "@/components/Time";
import { useCursor } from "@/lib/address";
import { useUndo } from "@/components/useUndo";
import { useCan, useSession } from "@/lib/session";
import { useSave } from "./useSave";

const roles: Role[] = ["owner", "admin", "marketer", "agent", "analyst", "viewer"];

function useRoleOptions() {
  const { t } = useTranslation();
  return roles.map((value) => ({ value, label: t(`role.${value}`) }));
}

function NewUser({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [form] = Form.useForm<{ email: string; role: Role }>();
  const { busy, save } = useSave(form);
  const [made, setMade] = useState<User | null>(null);
  const roleOptions = useRoleOptions();
  const submit = async ({ email, role }: { email: string; role: Role }) => {
    let user: User | null = null;
    const saved = await save(async () => {
      user = await api.createUser({ email: email.trim(), role });
      void client.invalidateQueries({ queryKey: ["users"] });
    }, t("settings.user_added"));
    if (saved) setMade(user);
  };
  if (made) {
    return (
      <Modal
        open
        title={t("settings.user_added")}
        onCancel={onClose}
        onOk={onClose}
        footer={(_all, { OkBtn }) => <OkBtn />}
        okText={t("common.done")}
        mask={{ closable: false }}
      >
        <p className="gap-below">{t("settings.user_password_note", { email: made.email })}</p>
        {made.password && <Snippet text={made.password} />}
      </Modal>
    );
  }
  return (
    <Modal
      open
      title={t("settings.add_user")}
      onCancel={onClose}
      onOk={form.submit}
      okText={t("settings.add_user")}
      confirmLoading={busy}
    >
      <Form
        form={form}
        layout="vertical"
        requiredMark={false}
        initialValues={{ email: "", role: "marketer" }}
        onFinish={(values) => void submit(values)}
      >
        <Form.Item
          label={t("auth.email")}
          name="email"
          rules={[{ required: true, type: "email", message: t("auth.email_needed") }]}
        >
          <Input type="email" autoFocus autoComplete="off" maxLength={254} />
        </Form.Item>
        <Form.Item label={t("settings.role")} name="role">
          <Select options={roleOptions} />
        </Form.Item>
      </Form>
    </Modal>
  );
}

function useColumns(): Column<User>[] {
  const { t } = useTranslation();
  const client = useQueryClient();
  const { modal } = App.useApp();
  const { save } = useSave();
  const undo = useUndo();
  const me = useSession().data?.user.id;
  const mayWrite = useCan("access.write");
  const roleOptions = useRoleOptions();
  const refresh = () => client.invalidateQueries({ queryKey: ["users"] });
  const setRole = async (user: User, role: Role) => {
    await api.updateUser(user.id, role);
    await refresh();
  };
  const changeRole = async (user: User, role: Role) => {
    const changed = await save(() => setRole(user, role), null);
    if (changed) {
      const text = t("settings.role_changed", { email: user.email, role: t(`role.${role}`) });
      undo(text, () => setRole(user, user.role));
    }
  };
  const remove = (user: User) =>
    modal.confirm({
      title: t("settings.remove_user_title", { email: user.email }),
      content: t("settings.remove_user_text"),
      okText: t("common.delete"),
      okButtonProps: { danger: true },
      onOk: () =>
        save(async () => {
          await api.removeUser(user.id);
          await refresh();
        }, t("settings.removed")),
    });
  return [
    {
      key: "email",
      title: t("auth.email"),
      primary: true,
      render: (row) => (
        <span className="person">
          <Avatar seed={row.id} name={row.email} />
          <span className="person-name">
            {row.email} {row.id === me && <small className="muted">({t("settings.you")})</small>}
          </span>
        </span>
      ),
    },
    {
      key: "role",
      title: t("settings.role"),
      // Nobody changes their own role: the last owner would lock everybody out.
      render: (row) =>
        !mayWrite || row.id === me ? (
          t(`role.${row.role}`)
        ) : (
          <Select<Role>
            className="bare-select"
            variant="borderless"
            value={row.role}
            options={roleOptions}
            popupMatchSelectWidth={false}
            aria-label={`${t("settings.role")}: ${row.email}`}
            onChange={(role) => void changeRole(row, role)}
          />
        ),
    },
    {
      key: "seen",
      title: t("settings.last_sign_in"),
      render: (row) => <Time at={row.last_sign_in_at} />,
    },
    {
      key: "remove",
      title: t("settings.actions"),
      quiet: true,
      numeric: true,
      render: (row) =>
        mayWrite &&
        row.id !== me && (
          <Button
            type="text"
            icon={<Trash2 size={15} />}
            aria-label={`${t("common.delete")}: ${row.email}`}
            onClick={() => remove(row)}
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
  const users = useQuery({
    queryKey: ["users", cursor.cursor],
    queryFn: ({ signal }) => api.users({ cursor: cursor.cursor, limit: 100 }, signal),
  });
  return (
    <>
      <div className="section-head">
        <h2 className="section-title">{t("settings.users")}</h2>
        <Button icon={<Plus size={15} />} onClick={() => setAdding(true)}>
          {t("settings.add_user")}
        </Button>
      </div>
      {users.isPending && <ListBones rows={4} />}
      {users.isError && !users.data && (
        <ErrorState error={users.error} retry={() => void users.refetch()} />
      )}
      {users.data && (
        <DataTable
          label={t("settings.users")}
          columns={columns}
          rows={users.data.items}
          rowKey={(row) => row.id}
        />
      )}
      <Pager cursor={cursor} next={users.data?.next_cursor} />
      {adding && <NewUser onClose={() => setAdding(false)} />}
    </>
  );
}
