import { useQueryClient } from "@tanstack/react-query";
import { App, Button } from "antd";
import { Archive, BookHeart, Plus } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "@/api/operations";
import type { Topic } from "@/api/types";
import { ListBones } from "@/components/Bones";
import { type Column, DataTable } from "@/components/DataTable";
import { ErrorState } from "@/components/ErrorState";
import { PageHead } from "@/components/PageHead";
import { Pill } from "@/components/Pill";
import { StateNote } from "@/components/StateNote";
import { Time } from "@/components/Time";
import { useFormat } from "@/lib/format";
import { useCan } from "@/lib/session";
import { TopicForm } from "./TopicForm";
import { topicsKey, useTopics } from "./topics";
import { useChange } from "@/components/useChange";

function Kind({ topic }: { topic: Topic }) {
  const { t } = useTranslation();
  if (topic.archived) return <Pill>{t("permission.archived")}</Pill>;
  if (topic.message_class === "transactional")
    return <Pill>{t("permission.class_transactional")}</Pill>;
  if (topic.double_opt_in) return <Pill tone="good">{t("permission.double_opt_in")}</Pill>;
  return (
    <Pill tone={topic.default_consent === "opt_in" ? "good" : "warn"}>
      {topic.default_consent === "opt_in" ? t("permission.opt_in") : t("permission.opt_out")}
    </Pill>
  );
}

function useColumns(edit: (topic: Topic) => void): Column<Topic>[] {
  const { t } = useTranslation();
  const { modal } = App.useApp();
  const client = useQueryClient();
  const format = useFormat();
  const { run } = useChange();
  const mayWrite = useCan("campaigns.write");
  const archive = (topic: Topic) =>
    modal.confirm({
      title: t("permission.archive_title", { name: topic.name }),
      content: t("permission.archive_text"),
      okText: t("permission.archive"),
      okButtonProps: { danger: true },
      onOk: () =>
        run(async () => {
          await api.archiveTopic(topic.id);
          await client.invalidateQueries({ queryKey: topicsKey });
        }, t("permission.archived")),
    });
  return [
    {
      key: "name",
      title: t("permission.topic_name"),
      primary: true,
      render: (row) =>
        mayWrite && !row.archived ? (
          <button type="button" className="link-button" onClick={() => edit(row)}>
            {row.name}
          </button>
        ) : (
          row.name
        ),
    },
    { key: "kind", title: t("permission.default"), render: (row) => <Kind topic={row} /> },
    {
      key: "priority",
      title: t("permission.priority"),
      numeric: true,
      render: (row) => format.number(row.priority),
    },
    {
      key: "updated",
      title: t("segments.updated"),
      render: (row) => <Time at={row.updated_at} />,
    },
    {
      key: "archive",
      title: t("settings.actions"),
      quiet: true,
      numeric: true,
      render: (row) =>
        mayWrite &&
        !row.archived && (
          <Button
            type="text"
            icon={<Archive size={15} />}
            aria-label={`${t("permission.archive")}: ${row.name}`}
            onClick={() => archive(row)}
          />
        ),
    },
  ];
}

export function Component() {
  const { t } = useTranslation();
  const topics = useTopics();
  const mayWrite = useCan("campaigns.write");
  const [open, setOpen] = useState<Topic | "new" | null>(null);
  const columns = useColumns(setOpen);
  const rows = topics.data?.items ?? [];
  const create = mayWrite && (
    <Button type="primary" icon={<Plus size={15} />} onClick={() => setOpen("new")}>
      {t("permission.new_topic")}
    </Button>
  );
  return (
    <>
      <PageHead
        title={t("nav.topics")}
        note={t("permission.topics_note")}
        actions={rows.length > 0 && create}
      />
      {topics.isPending && <ListBones rows={3} />}
      {topics.isError && !topics.data && (
        <ErrorState error={topics.error} retry={() => void topics.refetch()} />
      )}
      {topics.isSuccess && rows.length === 0 && (
        <StateNote
          icon={<BookHeart size={22} />}
          title={t("permission.no_topics")}
          text={t("permission.topics_note")}
          action={create}
        />
      )}
      {rows.length > 0 && (
        <DataTable label={t("nav.topics")} columns={columns} rows={rows} rowKey={(row) => row.id} />
      )}
      {open && <TopicForm topic={open === "new" ? null : open} onClose={() => setOpen(null)} />}
    </>
  );
}
