import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Form, Input, Modal, Radio, Select } from "antd";
import { useTranslation } from "react-i18next";
import { api } from "@/api/operations";
import { useChange } from "@/components/useChange";

interface Change {
  topic_id: string;
  status: string;
  source: string;
  proof: string;
}

/** Puts on record what a customer said elsewhere, with its proof. */
export function ChangeConsent({
  customerId,
  onClose,
}: {
  customerId: string;
  onClose: () => void;
}) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const topics = useQuery({ queryKey: ["topics"], queryFn: ({ signal }) => api.topics(signal) });
  const [form] = Form.useForm<Change>();
  const { busy, run } = useChange(form);
  const given = Form.useWatch("status", form) === "given";
  const options = (topics.data?.items ?? [])
    .filter((topic) => !topic.archived)
    .map((topic) => ({ value: topic.id, label: topic.name }));
  if (!given) options.unshift({ value: "all", label: t("permission.all_topics") });
  const submit = async (values: Change) => {
    const { proof, ...rest } = values;
    const saved = await run(async () => {
      await api.changeConsent(customerId, { ...rest, ...(proof && { proof: { note: proof } }) });
      await client.invalidateQueries({ queryKey: ["consent", customerId] });
    }, t("permission.consent_recorded"));
    if (saved) onClose();
  };
  return (
    <Modal
      open
      title={t("permission.record_consent")}
      onCancel={onClose}
      onOk={form.submit}
      okText={t("permission.record")}
      confirmLoading={busy}
    >
      <Form<Change>
        form={form}
        layout="vertical"
        requiredMark={false}
        initialValues={{ status: "given", source: "", proof: "" }}
        onFinish={(values) => void submit(values)}
      >
        <Form.Item label={t("permission.they")} name="status">
          <Radio.Group
            options={[
              { value: "given", label: t("consent.given") },
              { value: "withdrawn", label: t("consent.withdrawn") },
            ]}
          />
        </Form.Item>
        <Form.Item
          label={t("permission.topic")}
          name="topic_id"
          rules={[{ required: true, message: t("permission.topic_needed") }]}
        >
          <Select options={options} />
        </Form.Item>
        <Form.Item
          label={t("permission.source")}
          name="source"
          rules={[{ required: true, whitespace: true, message: t("permission.source_needed") }]}
        >
          <Input maxLength={200} placeholder={t("permission.source_example")} />
        </Form.Item>
        <Form.Item
          label={t("permission.proof")}
          name="proof"
          extra={t("permission.proof_note")}
          rules={given ? [{ required: true, message: t("permission.proof_needed") }] : []}
        >
          <Input.TextArea rows={2} maxLength={1_000} />
        </Form.Item>
      </Form>
    </Modal>
  );
}
