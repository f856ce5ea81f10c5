import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, Form, Input, InputNumber, Radio, Select } from "antd";
import { Plus, Trash2 } from "lucide-react";
import { useTranslation } from "react-i18next";
import { api } from "@/api/operations";
import type { PermissionSettings } from "@/api/types";
import { ListBones } from "@/components/Bones";
import { ErrorState } from "@/components/ErrorState";
import { useCan } from "@/lib/session";
import { useTopics } from "./topics";
import { useChange } from "@/components/useChange";

const settingsKey = ["permission-settings"];
const windows = ["1h", "6h", "12h", "1d", "2d", "3d", "7d", "14d", "30d", "90d"];

function CapRows() {
  const { t } = useTranslation();
  const topics = useTopics();
  const topicOptions = (topics.data?.items ?? [])
    .filter((topic) => topic.message_class === "marketing")
    .map((topic) => ({ value: topic.id, label: topic.name }));
  return (
    <Form.List name="caps">
      {(fields, { add, remove }) => (
        <fieldset className="plain-fieldset">
          <legend className="section-title">{t("permission.caps")}</legend>
          <p className="section-note">{t("permission.caps_note")}</p>
          {fields.map((field, index) => (
            <div key={field.key} className="form-row">
              <Form.Item
                label={t("permission.at_most")}
                name={[field.name, "limit"]}
                rules={[{ required: true, message: t("permission.number_needed") }]}
              >
                <InputNumber min={1} max={100_000} precision={0} />
              </Form.Item>
              <Form.Item label={t("permission.within")} name={[field.name, "window"]}>
                <Select
                  popupMatchSelectWidth={false}
                  options={windows.map((value) => ({ value, label: t(`window.${value}`) }))}
                />
              </Form.Item>
              <Form.Item
                label={t("permission.topic")}
                name={[field.name, "topic_id"]}
                className="grow"
              >
                <Select
                  allowClear
                  placeholder={t("permission.all_topics")}
                  options={topicOptions}
                />
              </Form.Item>
              <Button
                type="text"
                className="row-button"
                icon={<Trash2 size={15} />}
                aria-label={`${t("permission.remove_cap")} ${index + 1}`}
                onClick={() => remove(field.name)}
              />
            </div>
          ))}
          <Button icon={<Plus size={15} />} onClick={() => add({ limit: 3, window: "7d" })}>
            {t("permission.add_cap")}
          </Button>
        </fieldset>
      )}
    </Form.List>
  );
}

function QuietRows() {
  const { t } = useTranslation();
  const hour = { pattern: /^([01]\d|2[0-3]):[0-5]\d$/, message: t("permission.hour_needed") };
  return (
    <Form.List name="quiet_hours">
      {(fields, { add, remove }) => (
        <fieldset className="plain-fieldset">
          <legend className="section-title">{t("permission.quiet")}</legend>
          <p className="section-note">{t("permission.quiet_note")}</p>
          {fields.map((field, index) => (
            <div key={field.key} className="form-row">
              <Form.Item label={t("permission.from")} name={[field.name, "start"]} rules={[hour]}>
                <Input type="time" />
              </Form.Item>
              <Form.Item label={t("permission.until")} name={[field.name, "end"]} rules={[hour]}>
                <Input type="time" />
              </Form.Item>
              <Form.Item label={t("permission.then")} name={[field.name, "mode"]} className="grow">
                <Select
                  options={[
                    { value: "hold", label: t("permission.hold") },
                    { value: "drop", label: t("permission.drop") },
                  ]}
                />
              </Form.Item>
              <Button
                type="text"
                className="row-button"
                icon={<Trash2 size={15} />}
                aria-label={`${t("permission.remove_quiet")} ${index + 1}`}
                onClick={() => remove(field.name)}
              />
            </div>
          ))}
          {fields.length === 0 && (
            <Button
              icon={<Plus size={15} />}
              onClick={() => add({ start: "21:00", end: "08:00", mode: "hold" })}
            >
              {t("permission.add_quiet")}
            </Button>
          )}
        </fieldset>
      )}
    </Form.List>
  );
}

function RestraintForm({ settings }: { settings: PermissionSettings }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [form] = Form.useForm<PermissionSettings>();
  const { busy, run } = useChange(form);
  const mayWrite = useCan("settings.write");
  const submit = (values: PermissionSettings) => {
    const caps = (values.caps ?? []).map(({ channel, topic_id, limit, window }) => ({
      limit,
      window,
      ...(channel && { channel }),
      ...(topic_id && { topic_id }),
    }));
    const body = { ...settings, ...values, caps, quiet_hours: values.quiet_hours ?? [] };
    return run(async () => {
      client.setQueryData(settingsKey, await api.updatePermissionSettings(body));
    }, t("permission.saved"));
  };
  return (
    <Form<PermissionSettings>
      form={form}
      layout="vertical"
      requiredMark={false}
      initialValues={settings}
      onFinish={(values) => void submit(values)}
      disabled={!mayWrite}
      className="settings-form"
    >
      <CapRows />
      <Form.Item label={t("permission.over_cap")} name="over_cap">
        <Radio.Group
          options={[
            { value: "skip", label: t("permission.over_skip") },
            { value: "hold", label: t("permission.over_hold") },
          ]}
        />
      </Form.Item>
      <QuietRows />
      <Form.Item
        label={t("permission.max_hold")}
        name="max_hold_hours"
        extra={t("permission.max_hold_note")}
      >
        <InputNumber min={1} max={336} precision={0} />
      </Form.Item>
      <Form.Item label={t("permission.sender")} name="sender" extra={t("permission.sender_note")}>
        <Input maxLength={300} placeholder="Shop <hello@shop.example>" />
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
  const settings = useQuery({
    queryKey: settingsKey,
    queryFn: ({ signal }) => api.permissionSettings(signal),
  });
  return (
    <>
      <h2 className="section-title">{t("settings.restraint")}</h2>
      <p className="section-note">{t("permission.restraint_note")}</p>
      {settings.isPending && <ListBones rows={4} />}
      {settings.isError && !settings.data && (
        <ErrorState error={settings.error} retry={() => void settings.refetch()} />
      )}
      {settings.data && <RestraintForm settings={settings.data} />}
    </>
  );
}
