import { Button } from "antd";
import { RotateCw } from "lucide-react";
import { useTranslation } from "react-i18next";
import { ApiError } from "@/api/client";
import { StateNote } from "./StateNote";

/** One sentence about what went wrong, in the reader's language where we know the cause. */
export function useErrorText(): (error: unknown) => string {
  const { t } = useTranslation();
  return (error) => {
    if (!(error instanceof ApiError)) return t("errors.unknown");
    if (error.status === 0) return t("errors.network");
    if (error.status === 401) return t("errors.unauthenticated");
    if (error.status === 403) return t("errors.forbidden");
    if (error.status === 404) return t("errors.not_found");
    if (error.status === 429)
      return t("errors.throttled", { seconds: error.retryAfterSeconds ?? 60 });
    if (error.status === 503) return t("errors.overloaded");
    const fields = error.fields.map((field) =>
      field.field ? `${field.field}: ${field.message}` : field.message,
    );
    return fields.length > 0 ? fields.join(" · ") : (error.problem.detail ?? t("errors.unknown"));
  };
}

/** A failed load: what happened, the request id to tell the administrator, and another try. */
export function ErrorState({
  error,
  retry,
  page,
}: {
  error: unknown;
  retry: () => void;
  page?: boolean;
}) {
  const { t } = useTranslation();
  const text = useErrorText();
  const requestId = error instanceof ApiError ? error.requestId : undefined;
  return (
    <StateNote
      page={page ?? false}
      tone="problem"
      title={t("errors.load_title")}
      text={text(error)}
      detail={requestId && t("errors.request_id", { id: requestId })}
      action={
        <Button icon={<RotateCw size={15} />} onClick={retry}>
          {t("common.retry")}
        </Button>
      }
    />
  );
}
