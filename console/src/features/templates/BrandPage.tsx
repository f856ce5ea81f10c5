import { useQuery, useQueryClient } from "@tanstack/react-query";
import { App, Button, Form, Input } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { ApiError } from "@/api/client";
import { type Brand, contentApi } from "@/api/content";
import { ListBones } from "@/components/Bones";
import { ErrorState, useErrorText } from "@/components/ErrorState";
import { PageHead } from "@/components/PageHead";
import { useCan } from "@/lib/session";
import { PicturePicker, Pictures } from "./Pictures";
import { Places } from "./Places";

const queryKey = ["content", "brand"];
const colors = ["primary_color", "link_color", "text_color", "background_color"] as const;

function BrandForm({ brand }: { brand: Brand }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const { message } = App.useApp();
  const errorText = useErrorText();
  const [form] = Form.useForm<Brand>();
  const [busy, setBusy] = useState(false);
  const mayWrite = useCan("campaigns.write");
  const submit = async (values: Brand) => {
    setBusy(true);
    try {
      client.setQueryData(queryKey, await contentApi.saveBrand({ ...brand, ...values }));
      void message.success(t("content.brand_saved"));
    } catch (error) {
      if (error instanceof ApiError && error.fields.length > 0)
        form.setFields(
          error.fields.map((one) => ({ name: one.field as keyof Brand, errors: [one.message] })),
        );
      else void message.error(errorText(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <Form<Brand>
      form={form}
      layout="vertical"
      requiredMark={false}
      initialValues={brand}
      disabled={!mayWrite}
      className="settings-form"
      onFinish={(values) => void submit(values)}
    >
      <Form.Item label={t("content.brand_field.name")} name="name">
        <Input maxLength={200} />
      </Form.Item>
      <div className="form-row">
        <Form.Item label={t("content.brand_field.logo_url")} name="logo_url" className="grow">
          <Input maxLength={2000} />
        </Form.Item>
        <Form.Item label=" ">
          <PicturePicker onChoose={(picture) => form.setFieldValue("logo_url", picture.url)} />
        </Form.Item>
      </div>
      <div className="form-row">
        {colors.map((color) => (
          <Form.Item key={color} label={t(`content.brand_field.${color}`)} name={color}>
            <Input type="color" />
          </Form.Item>
        ))}
      </div>
      <Form.Item label={t("content.brand_field.font")} name="font">
        <Input maxLength={200} />
      </Form.Item>
      <Form.Item label={t("content.brand_field.address")} name="address">
        <Input.TextArea autoSize={{ minRows: 2 }} maxLength={2000} />
      </Form.Item>
      <Form.Item label={t("content.brand_field.footer")} name="footer">
        <Input.TextArea autoSize={{ minRows: 2 }} maxLength={2000} />
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
  const brand = useQuery({ queryKey, queryFn: ({ signal }) => contentApi.brand(signal) });
  return (
    <>
      <PageHead
        title={t("content.brand")}
        note={t("content.brand_note", { open: "{{", close: "}}" })}
      />
      <Places />
      {brand.isPending && <ListBones />}
      {brand.isError && !brand.data && (
        <ErrorState error={brand.error} retry={() => void brand.refetch()} />
      )}
      {brand.data && <BrandForm brand={brand.data} />}
      <h2 className="section-title">{t("content.pictures")}</h2>
      <Pictures />
    </>
  );
}
