import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Button, Segmented } from "antd";
import { Megaphone, Plus } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { api } from "@/api/operations";
import type { Campaign } from "@/api/types";
import { ListBones } from "@/components/Bones";
import { ButtonLink } from "@/components/ButtonLink";
import { CampaignStatus } from "@/components/CampaignStatus";
import { type Column, DataTable } from "@/components/DataTable";
import { ErrorState } from "@/components/ErrorState";
import { PageHead } from "@/components/PageHead";
import { Pager } from "@/components/Pager";
import { StateNote } from "@/components/StateNote";
import { Time } from "@/components/Time";
import { useAddressFilter, useCursor } from "@/lib/address";
import { useFormat } from "@/lib/format";
import { personalise } from "@/lib/personalise";
import { useCan } from "@/lib/session";

/** Tabs of the list, each with the statuses it gathers. */
const gathered: Record<string, string> = {
  "": "",
  draft: "draft",
  scheduled: "scheduled",
  sending: "starting,sending,paused",
  done: "done",
  cancelled: "cancelled",
};

function useColumns(): Column<Campaign>[] {
  const { t } = useTranslation();
  const format = useFormat();
  const rate = (part: number, whole: number) =>
    format.rate(part, whole) ?? <span className="faint">–</span>;
  return [
    {
      key: "name",
      title: t("campaigns.campaign"),
      primary: true,
      render: (row) => (
        <span className="two-lines">
          <Link to={`/campaigns/${row.id}`}>{row.name}</Link>
          <small className="muted">{personalise(row.template.subject, {}, false)}</small>
        </span>
      ),
    },
    {
      key: "status",
      title: t("campaigns.status"),
      render: (row) => <CampaignStatus status={row.status} />,
    },
    {
      key: "sent",
      title: t("status.sent"),
      numeric: true,
      render: (row) => format.number(row.sent),
    },
    {
      key: "opened",
      title: t("status.opened"),
      numeric: true,
      render: (row) => rate(row.opened, row.sent),
    },
    {
      key: "clicked",
      title: t("status.clicked"),
      numeric: true,
      render: (row) => rate(row.clicked, row.sent),
    },
    {
      key: "when",
      title: t("campaigns.when"),
      render: (row) => <Time at={row.started_at ?? row.created_at} />,
    },
  ];
}

export function Component() {
  const { t } = useTranslation();
  const cursor = useCursor();
  const mayWrite = useCan("campaigns.write");
  const columns = useColumns();
  const [status, setStatus] = useAddressFilter("status");
  const query = { status: gathered[status] ?? "", cursor: cursor.cursor, limit: 50 };
  const campaigns = useQuery({
    queryKey: ["campaigns", query],
    queryFn: ({ signal }) => api.campaigns(query, signal),
    placeholderData: keepPreviousData,
    refetchInterval: (state) =>
      state.state.data?.items.some((row) => row.status === "sending") ? 3_000 : false,
  });
  const rows = campaigns.data?.items ?? [];
  const create = mayWrite && (
    <ButtonLink type="primary" to="/campaigns/new" icon={<Plus size={15} />}>
      {t("campaigns.new")}
    </ButtonLink>
  );
  return (
    <>
      <PageHead
        title={t("nav.campaigns")}
        note={t("campaigns.note")}
        actions={(rows.length > 0 || status !== "") && create}
      />
      <div className="tab-row">
        <Segmented<string>
          value={status in gathered ? status : ""}
          onChange={setStatus}
          aria-label={t("campaigns.status")}
          options={Object.keys(gathered).map((value) => ({
            value,
            label: value ? t(`campaign_tab.${value}`) : t("campaign_tab.all"),
          }))}
        />
      </div>
      {campaigns.isPending && <ListBones />}
      {campaigns.isError && !campaigns.data && (
        <ErrorState error={campaigns.error} retry={() => void campaigns.refetch()} />
      )}
      {campaigns.isSuccess && rows.length === 0 && status !== "" && (
        <StateNote
          icon={<Megaphone size={22} />}
          title={t("campaigns.none_here")}
          action={<Button onClick={() => setStatus("")}>{t("campaigns.show_all")}</Button>}
        />
      )}
      {campaigns.isSuccess && rows.length === 0 && status === "" && (
        <StateNote
          icon={<Megaphone size={22} />}
          title={t("campaigns.empty_title")}
          text={t("campaigns.empty_text")}
          action={create}
        />
      )}
      {rows.length > 0 && (
        <DataTable
          label={t("nav.campaigns")}
          columns={columns}
          rows={rows}
          rowKey={(row) => row.id}
          rowTo={(row) => `/campaigns/${row.id}`}
          dim={campaigns.isPlaceholderData}
        />
      )}
      <Pager
        cursor={cursor}
        next={campaigns.data?.next_cursor}
        busy={campaigns.isPlaceholderData}
      />
    </>
  );
}
