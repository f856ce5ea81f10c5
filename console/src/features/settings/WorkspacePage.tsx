import { useQueryClient } from "@tanstack/react-query";
import { Button, Form, Input, Select } from "antd";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { api } from "@/api/operations";
import { ListBones } from "@/components/Bones";
import { ErrorState } from "@/components/ErrorState";
import { useFormDraft } from "@/components/FormDraft";
import { useWorkspace, workspaceKey } from "@/lib/format";
import { useCan } from "@/lib/session";
import { useZones } from "@/lib/zones";
import { ControlGroup } from "./ControlGroup";
import { useSave } from "./useSave";

interface Values {
  name: string;
  time_zone: string;
  currency: string;
  languages: string[];
}

function useNames(type: "currency" | "language", offered: string[]) {
  const { i18n } = useTranslation();
  return useMemo(() => {
    const names = new Intl.DisplayNames(i18n.language, { type });
    return offered.map((code) => {
      let name = code;
      try {
        name = names.of(code) ?? code;
      } catch {
        // A code that this browser does not know is shown as it is.
      }
      return { value: code, label: name === code ? code : `${name} (${code})` };
    });
  }, [i18n.language, type, offered]);
}

const currencies = Intl.supportedValuesOf("currency");
const languageTags = [
  ...["en", "zh-Hans", "zh-Hant", "vi", "ar", "bg", "bn", "ca", "cs", "da", "de", "el", "es"],
  ...["et", "fa", "fi", "fr", "he", "hi", "hr", "hu", "id", "it", "ja", "km", "ko", "lo", "lt"],
  ...["lv", "ms", "my", "nb", "nl", "pl", "pt", "pt-BR", "ro", "ru", "sk", "sl", "sr", "sv"],
  ...["sw", "ta", "th", "tl", "tr", "uk", "ur"],
];

function WorkspaceForm({ values }: { values: Values }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [form] = Form.useForm<Values>();
  const { busy, save } = useSave(form);
  const mayWrite = useCan("settings.write");
  const zones = useZones(values.time_zone);
  const currencyNames = useNames("currency", currencies);
  const languageNames = useNames("language", languageTags);
  const draft = useFormDraft(form, "workspace");
  const submit = (next: Values) =>
    save(async () => {
      client.setQueryData(workspaceKey, await api.updateWorkspace(next));
      draft.forget();
      void client.invalidateQueries({ queryKey: ["session"] });
    });
  return (
    <Form<Values>
      form={form}
      layout="vertical"
      requiredMark={false}
      initialValues={values}
      onValuesChange={draft.onValuesChange}
      onFinish={(next) => void submit(next)}
      disabled={!mayWrite}
      className="settings-form"
    >
      {draft.note}
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
      <Form.Item label={t("settings.currency")} name="currency" extra={t("settings.currency_note")}>
        <Select showSearch={{ optionFilterProp: "label" }} options={currencyNames} />
      </Form.Item>
      <Form.Item
        label={t("settings.languages")}
        name="languages"
        extra={t("settings.languages_note")}
        rules={[{ required: true, message: t("settings.languages_needed") }]}
      >
        <Select
          mode="multiple"
          maxCount={20}
          showSearch={{ optionFilterProp: "label" }}
          options={languageNames}
        />
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
      <WorkspaceForm
        values={{
          name: workspace.data.name,
          time_zone: workspace.data.time_zone,
          currency: workspace.data.currency,
          languages: workspace.data.languages,
        }}
      />
      <ControlGroup />
    </>
  );
}
