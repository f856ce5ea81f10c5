import { keepPreviousData, useQuery, useQueryClient } from "@tanstack/react-query";
import { App, Button } from "antd";
import { Megaphone, Pencil, Trash2, UsersRound } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate, useParams } from "react-router";
import { insight } from "@/api/insight";
import { api } from "@/api/operations";
import type { Member, Segment } from "@/api/types";
import { ListBones, PageBones } from "@/components/Bones";
import { ButtonLink } from "@/components/ButtonLink";
import { CustomerName } from "@/components/CustomerName";
import { type Column, DataTable } from "@/components/DataTable";
import { ErrorState, useErrorText } from "@/components/ErrorState";
import { PageHead } from "@/components/PageHead";
import { Pager } from "@/components/Pager";
import { StateNote } from "@/components/StateNote";
import { useUndo } from "@/components/useUndo";
import { UsedBy } from "@/components/UsedBy";
import { useAddressFilter, useCursor } from "@/lib/address";
import { useFormat } from "@/lib/format";
import { countryOf, nameFromTraits } from "@/lib/people";
import { useCan } from "@/lib/session";
import { useLiveChanges } from "@/lib/live";
import { MomentField } from "./MomentField";
import { Movements } from "./Movements";
import { Progress } from "./Progress";
import { SizeTrend } from "./SizeTrend";
import { ConditionText } from "@/components/conditions/ConditionText";
import type { Condition } from "@/components/conditions/language";

function Members({ segmentId }: { segmentId: string }) {
  const { t } = useTranslation();
  const format = useFormat();
  const cursor = useCursor();
  const [moment, setMoment] = useAddressFilter("as_of");
  const query = { cursor: cursor.cursor, limit: 50, as_of: moment };
  const then = useQuery({
    queryKey: ["segment", segmentId, "as of", moment],
    queryFn: ({ signal }) => api.segmentAsOf(segmentId, moment, signal),
    enabled: moment !== "",
  });
  const members = useQuery({
    queryKey: ["segment-members", segmentId, query],
    queryFn: ({ signal }) => api.segmentMembers(segmentId, query, signal),
    placeholderData: keepPreviousData,
  });
  const columns: Column<Member>[] = [
    {
      key: "customer",
      title: t("customers.customer"),
      primary: true,
      render: (row) => (
        <CustomerName
          id={row.id}
          name={nameFromTraits(row.traits) || (row.email ?? "")}
          note={row.email ?? row.id}
        />
      ),
    },
    {
      key: "country",
      title: t("customers.country"),
      render: (row) => countryOf(row.traits) || <span className="faint">–</span>,
    },
  ];
  const rows = members.data?.items ?? [];
  return (
    <section>
      <h2 className="section-title">{t("segments.members")}</h2>
      <div className="moments">
        <MomentField label={t("segments.as_of")} value={moment} onChange={setMoment} />
        {moment !== "" && (
          <Button type="link" size="small" onClick={() => setMoment("")}>
            {t("segments.as_of_now")}
          </Button>
        )}
        {moment !== "" && then.data && (
          <strong role="status">
            {t("segments.size_then", {
              count: then.data.count ?? 0,
              number: format.number(then.data.count ?? 0),
            })}
          </strong>
        )}
      </div>
      {members.isPending && <ListBones rows={5} />}
      {members.isError && !members.data && (
        <ErrorState error={members.error} retry={() => void members.refetch()} />
      )}
      {members.isSuccess && rows.length === 0 && (
        <StateNote
          icon={<UsersRound size={22} />}
          title={moment === "" ? t("segments.nobody") : t("segments.nobody_then")}
          text={moment === "" ? t("segments.nobody_text") : undefined}
        />
      )}
      {rows.length > 0 && (
        <DataTable
          label={t("segments.members")}
          columns={columns}
          rows={rows}
          rowKey={(row) => row.id}
          rowTo={(row) => `/customers/${row.id}`}
          dim={members.isPlaceholderData}
        />
      )}
      <Pager cursor={cursor} next={members.data?.next_cursor} busy={members.isPlaceholderData} />
    </section>
  );
}

function Actions({ segment }: { segment: Segment }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const client = useQueryClient();
  const { modal, message } = App.useApp();
  const errorText = useErrorText();
  const undo = useUndo();
  const mayWrite = useCan("segments.write");
  const maySend = useCan("campaigns.write");
  const remove = () =>
    modal.confirm({
      title: t("segments.remove_title", { name: segment.name }),
      content: t("segments.remove_text"),
      okText: t("common.delete"),
      okButtonProps: { danger: true },
      onOk: async () => {
        try {
          await api.removeSegment(segment.id);
          await client.invalidateQueries({ queryKey: ["segments"] });
          void navigate("/segments");
          const { name, condition } = segment;
          undo(t("segments.removed"), async () => {
            await api.createSegment({ name, condition });
            await client.invalidateQueries({ queryKey: ["segments"] });
          });
        } catch (error) {
          void message.error(errorText(error));
        }
      },
    });
  return (
    <>
      {mayWrite && (
        <>
          <Button
            type="text"
            danger
            icon={<Trash2 size={15} />}
            onClick={remove}
            aria-label={t("common.delete")}
          />
          <ButtonLink to={`/segments/${segment.id}/edit`} icon={<Pencil size={15} />}>
            {t("common.edit")}
          </ButtonLink>
        </>
      )}
      {maySend && (
        <ButtonLink
          type="primary"
          to={`/campaigns/new?segment=${segment.id}`}
          icon={<Megaphone size={15} />}
        >
          {t("segments.send")}
        </ButtonLink>
      )}
    </>
  );
}

export function Component() {
  const { t } = useTranslation();
  const format = useFormat();
  const { id = "" } = useParams();
  const segment = useQuery({
    queryKey: ["segment", id],
    queryFn: ({ signal }) => api.segment(id, signal),
  });
  const uses = useQuery({
    queryKey: ["segment-uses", id],
    queryFn: ({ signal }) => insight.uses(id, signal),
  });
  const [end] = useState(() => Math.ceil(Date.now() / 86_400_000) * 86_400_000);
  useLiveChanges(() => void segment.refetch(), 2_000);
  if (segment.isPending) return <PageBones />;
  if (!segment.data)
    return <ErrorState page error={segment.error} retry={() => void segment.refetch()} />;
  const data = segment.data;
  const count = data.count ?? 0;
  return (
    <>
      <PageHead
        back={{ to: "/segments", text: t("nav.segments") }}
        title={data.name}
        note={t("segments.size", { count, number: format.number(count) })}
        actions={<Actions segment={data} />}
      />
      <div className="stack">
        <section className="panel condition-panel">
          <ConditionText condition={data.condition as Condition} />
        </section>
        <Progress segment={data} />
        <SizeTrend segmentId={data.id} />
        <Movements segmentId={data.id} end={end} />
        <Members segmentId={data.id} />
        <UsedBy uses={uses.data?.items} />
      </div>
    </>
  );
}
