import { useQueryClient } from "@tanstack/react-query";
import { Form, Input, InputNumber, Modal, Radio, Switch, Tabs } from "antd";
import { useTranslation } from "react-i18next";
import { api } from "@/api/operations";
import type { Topic, TopicInput } from "@/api/types";
import { topicsKey } from "./topics";
import { useChange } from "@/components/useChange";

const languages = [
  { tag: "en", name: "English" },
  { tag: "zh-Hans", name: "简体中文" },
  { tag: "zh-Hant", name: "繁體中文" },
  { tag: "vi", name: "Tiếng Việt" },
];

interface Values {
  name: string;
  titles: Record<string, string>;
  descriptions: Record<string, string>;
  default_consent: string;
  double_opt_in: boolean;
  message_class: string;
  priority: number;
}

/** Texts that are not empty. */
function filled(texts: Record<string, string> | undefined): Record<string, string> {
  return Object.fromEntries(
    Object.entries(texts ?? {})
      .map(([language, text]) => [language, text?.trim() ?? ""])
      .filter(([, text]) => text),
  );
}

function LanguageTexts() {
  const { t } = useTranslation();
  return (
    <Tabs
      items={languages.map(({ tag, name }) => ({
        key: tag,
        label: <span lang={tag}>{name}</span>,
        forceRender: true,
        children: (
          <>
            <Form.Item label={t("permission.topic_title")} name={["titles", tag]}>
              <Input lang={tag} maxLength={100} />
            </Form.Item>
            <Form.Item label={t("permission.topic_text")} name={["descriptions", tag]}>
              <Input.TextArea lang={tag} rows={2} maxLength={500} />
            </Form.Item>
          </>
        ),
      }))}
    />
  );
}

export function TopicForm({ topic, onClose }: { topic: Topic | null; onClose: () => void }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [form] = Form.useForm<Values>();
  const { busy, run } = useChange(form);
  const optOut = Form.useWatch("default_consent", form) === "opt_out";
  const transactional = Form.useWatch("message_class", form) === "transactional";
  const submit = async (values: Values) => {
    const input: TopicInput = {
      ...values,
      double_opt_in: values.double_opt_in && !optOut && !transactional,
      titles: filled(values.titles),
      descriptions: filled(values.descriptions),
      channels: topic?.channels ?? ["email"],
    };
    const saved = await run(
      async () => {
        if (topic) await api.updateTopic(topic.id, input);
        else await api.createTopic(input);
        await client.invalidateQueries({ queryKey: topicsKey });
      },
      topic ? t("permission.topic_saved") : t("permission.topic_made"),
    );
    if (saved) onClose();
  };
  return (
    <Modal
      open
      width={640}
      title={topic ? topic.name : t("permission.new_topic")}
      onCancel={onClose}
      onOk={form.submit}
      okText={t("common.save")}
      confirmLoading={busy}
    >
      <Form<Values>
        form={form}
        layout="vertical"
        requiredMark={false}
        initialValues={{
          name: topic?.name ?? "",
          titles: topic?.titles ?? {},
          descriptions: topic?.descriptions ?? {},
          default_consent: topic?.default_consent ?? "opt_in",
          double_opt_in: topic?.double_opt_in ?? false,
          message_class: topic?.message_class ?? "marketing",
          priority: topic?.priority ?? 50,
        }}
        onFinish={(values) => void submit(values)}
      >
        <Form.Item
          label={t("permission.topic_name")}
          name="name"
          rules={[{ required: true, whitespace: true, message: t("permission.name_needed") }]}
        >
          <Input autoFocus maxLength={200} />
        </Form.Item>
        <LanguageTexts />
        <Form.Item label={t("permission.default")} name="default_consent">
          <Radio.Group
            options={[
              { value: "opt_in", label: t("permission.opt_in") },
              { value: "opt_out", label: t("permission.opt_out") },
            ]}
          />
        </Form.Item>
        <Form.Item
          label={t("permission.double_opt_in")}
          name="double_opt_in"
          valuePropName="checked"
          extra={t("permission.double_opt_in_note")}
        >
          <Switch disabled={optOut || transactional} />
        </Form.Item>
        <Form.Item
          label={t("permission.class")}
          name="message_class"
          extra={t("permission.class_note")}
        >
          <Radio.Group
            options={[
              { value: "marketing", label: t("permission.class_marketing") },
              { value: "transactional", label: t("permission.class_transactional") },
            ]}
          />
        </Form.Item>
        <Form.Item
          label={t("permission.priority")}
          name="priority"
          extra={t("permission.priority_note")}
        >
          <InputNumber min={0} max={100} precision={0} />
        </Form.Item>
      </Form>
    </Modal>
  );
}
