import { useQueryClient } from "@tanstack/react-query";
import { Button, Form, Input, Select } from "antd";
import { useTranslation } from "react-i18next";
import { api } from "@/api/operations";
import { ListBones } from "@/components/Bones";
import { ErrorState } from "@/components/ErrorState";
import { useWorkspace, workspaceKey } from "@/lib/format";
import { useCan } from "@/lib/session";
import { useZones } from "@/lib/zones";
import { useSave } from "./useSave";

interface Values {
  name: string;
  time_zone: string;
}

function WorkspaceForm({ values }: { values: Values }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [form] = Form.useForm<Values>();
  const { busy, save } = useSave(form);
  const mayWrite = useCan("settings.write");
  const zones = useZones(values.time_zone);
  const submit = (next: Values) =>
    save(async () => {
      client.setQueryData(workspaceKey, await api.updateWorkspace(next));
      void client.invalidateQueries({ queryKey: ["session"] });
    });
  return (
    <Form<Values>
      form={form}
      layout="vertical"
      requiredMark={false}
      initialValues={{ name: values.name, time_zone: values.time_zone }}
      onFinish={(next) => void submit(next)}
      disabled={!mayWrite}
      className="settings-form"
    >
      <Form.Item
        label={t("settings.workspace_name")}
        name="name"
        rules={[{ required: true, whitespace: true, message: t("settings.name_needed") }]}
      >
        <Input maxLength={200} />
      </Form.Item>
      <Form.Item
        label={t("settings.time_zone")}
        name="time_zone"
        extra={t("settings.time_zone_note")}
      >
        <Select showSearch={{ optionFilterProp: "label" }} options={zones} />
      </Form.Item>
      {mayWrite && (
        <Button type="primary" htmlType="submit" loading={busy}>
          {t("common.save")}
        </Button>
      )}
    </Form>
  );
}

export function Component() {
  const { t } = useTranslation();
  const workspace = useWorkspace();
  if (workspace.isPending) return <ListBones rows={3} />;
  if (!workspace.data)
    return <ErrorState error={workspace.error} retry={() => void workspace.refetch()} />;
  return (
    <>
      <h2 className="section-title">{t("settings.workspace")}</h2>
      <WorkspaceForm values={workspace.data} />
    </>
  );
}
