import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, Form, InputNumber } from "antd";
import { useTranslation } from "react-i18next";
import { reports } from "@/api/reports";
import { ListBones } from "@/components/Bones";
import { ErrorState } from "@/components/ErrorState";
import { useCan } from "@/lib/session";
import { useSave } from "./useSave";

const queryKey = ["control-group"];

function ControlGroupForm({ percent }: { percent: number }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const mayWrite = useCan("settings.write");
  const [form] = Form.useForm<{ percent: number }>();
  const { busy, save } = useSave(form);
  const submit = (next: { percent: number }) =>
    save(async () => {
      client.setQueryData(queryKey, await reports.setControlGroup(next.percent));
    });
  return (
    <Form
      name="control-group"
      form={form}
      layout="vertical"
      requiredMark={false}
      initialValues={{ percent }}
      onFinish={(next) => void submit(next)}
      disabled={!mayWrite}
      className="settings-form"
    >
      <Form.Item
        label={t("settings.control_group_share")}
        name="percent"
        extra={t("settings.control_group_none")}
        rules={[{ required: true, message: t("settings.control_group_needed") }]}
      >
        <InputNumber min={0} max={50} precision={0} suffix="%" />
      </Form.Item>
      {mayWrite && (
        <Button htmlType="submit" loading={busy}>
          {t("common.save")}
        </Button>
      )}
    </Form>
  );
}

/** The share of all customers that no marketing campaign writes to. */
export function ControlGroup() {
  const { t } = useTranslation();
  const mayRead = useCan("campaigns.read");
  const group = useQuery({
    queryKey,
    queryFn: ({ signal }) => reports.controlGroup(signal),
    enabled: mayRead,
  });
  if (!mayRead) return null;
  return (
    <section>
      <h2 className="section-title">{t("settings.control_group")}</h2>
      <p className="section-note">{t("settings.control_group_note")}</p>
      {group.data && <ControlGroupForm percent={group.data.percent} />}
      {group.isPending && <ListBones rows={1} />}
      {group.isError && !group.data && (
        <ErrorState error={group.error} retry={() => void group.refetch()} />
      )}
    </section>
  );
}
