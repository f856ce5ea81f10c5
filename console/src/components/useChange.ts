import { App, type FormInstance } from "antd";
import { useState } from "react";
import { ApiError } from "@/api/client";
import { useErrorText } from "@/components/ErrorState";

/** Runs a change, says how it went, and puts what the server says of single fields under them. */
export function useChange(form?: FormInstance) {
  const { message } = App.useApp();
  const errorText = useErrorText();
  const [busy, setBusy] = useState(false);
  const run = async (change: () => Promise<void>, done: string): Promise<boolean> => {
    setBusy(true);
    try {
      await change();
      void message.success(done);
      return true;
    } catch (error) {
      const known = new Set(Object.keys(form?.getFieldsValue(true) ?? {}));
      const fields =
        error instanceof ApiError ? error.fields.filter((field) => known.has(field.field)) : [];
      if (form && fields.length > 0)
        form.setFields(fields.map((field) => ({ name: field.field, errors: [field.message] })));
      else void message.error(errorText(error));
      return false;
    } finally {
      setBusy(false);
    }
  };
  return { busy, run };
}
