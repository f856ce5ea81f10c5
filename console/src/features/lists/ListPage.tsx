import { keepPreviousData, useQuery, useQueryClient } from "@tanstack/react-query";
import { App, Button } from "antd";
import { ListChecks, Pencil, Trash2, UserRoundMinus, UserRoundPlus } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate, useParams } from "react-router";
import { type CustomerList, type ListMember, lists } from "@/api/lists";
import { ListBones, PageBones } from "@/components/Bones";
import { CustomerName } from "@/components/CustomerName";
import { type Column, DataTable } from "@/components/DataTable";
import { ErrorState, useErrorText } from "@/components/ErrorState";
import { PageHead } from "@/components/PageHead";
import { Pager } from "@/components/Pager";
import { StateNote } from "@/components/StateNote";
import { UsedBy } from "@/components/UsedBy";
import { useUndo } from "@/components/useUndo";
import { useAddressFilter, useCursor } from "@/lib/address";
import { useFormat } from "@/lib/format";
import { countryOf, nameFromTraits } from "@/lib/people";
import { useCan } from "@/lib/session";
import { AddMembers } from "./AddMembers";
import { NameModal } from "./NameModal";

function useRefresh(id: string) {
  const client = useQueryClient();
  return () =>
    Promise.all(
      [["list", id], ["list-members", id], ["lists"]].map((queryKey) =>
        client.invalidateQueries({ queryKey }),
      ),
    );
}

function Members({ list, add }: { list: CustomerList; add: React.ReactNode }) {
  const { t } = useTranslation();
  const cursor = useCursor();
  const { message } = App.useApp();
  const errorText = useErrorText();
  const undo = useUndo();
  const refresh = useRefresh(list.id);
  const mayWrite = useCan("segments.write");
  const query = { cursor: cursor.cursor, limit: 50 };
  const members = useQuery({
    queryKey: ["list-members", list.id, query],
    queryFn: ({ signal }) => lists.members(list.id, query, signal),
    placeholderData: keepPreviousData,
  });
  const nameOf = (row: ListMember) => nameFromTraits(row.traits) || (row.email ?? "");
  const take = async (row: ListMember) => {
    try {
      await lists.take(list.id, "customer_id", [row.id]);
      await refresh();
      undo(t("lists.taken", { name: nameOf(row) || t("customers.anonymous") }), async () => {
        await lists.add(list.id, "customer_id", [row.id]);
        await refresh();
      });
    } catch (error) {
      void message.error(errorText(error));
    }
  };
  const columns: Column<ListMember>[] = [
    {
      key: "customer",
      title: t("customers.customer"),
      primary: true,
      render: (row) => <CustomerName id={row.id} name={nameOf(row)} note={row.email ?? row.id} />,
    },
    {
      key: "country",
      title: t("customers.country"),
      render: (row) => countryOf(row.traits) || <span className="faint">–</span>,
    },
    ...(mayWrite
      ? [
          {
            key: "take",
            title: t("lists.take"),
            quiet: true,
            numeric: true,
            render: (row: ListMember) => (
              <Button
                type="text"
                icon={<UserRoundMinus size={15} />}
                aria-label={t("lists.take_name", { name: nameOf(row) || row.id })}
                onClick={() => void take(row)}
              />
            ),
          },
        ]
      : []),
  ];
  const rows = members.data?.items ?? [];
  return (
    <section>
      <h2 className="section-title">{t("segments.members")}</h2>
      {members.isPending && <ListBones rows={5} />}
      {members.isError && !members.data && (
        <ErrorState error={members.error} retry={() => void members.refetch()} />
      )}
      {members.isSuccess && rows.length === 0 && (
        <StateNote
          icon={<ListChecks size={22} />}
          title={t("lists.nobody")}
          text={t("lists.nobody_text")}
          action={add}
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

function Actions({ list, used, add }: { list: CustomerList; used: boolean; add: React.ReactNode }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const client = useQueryClient();
  const { modal, message } = App.useApp();
  const errorText = useErrorText();
  const refresh = useRefresh(list.id);
  const [naming, setNaming] = useState(false);
  const remove = () =>
    modal.confirm({
      title: t("segments.remove_title", { name: list.name }),
      content: t("lists.remove_text"),
      okText: t("common.delete"),
      cancelText: t("common.cancel"),
      okButtonProps: { danger: true },
      onOk: async () => {
        try {
          await lists.remove(list.id);
          void navigate("/lists");
          await client.invalidateQueries({ queryKey: ["lists"] });
          void message.success(t("lists.removed"));
        } catch (error) {
          void message.error(errorText(error));
        }
      },
    });
  return (
    <>
      <Button
        type="text"
        danger
        icon={<Trash2 size={15} />}
        onClick={remove}
        disabled={used}
        title={used ? t("lists.in_use") : ""}
        aria-label={t("common.delete")}
      />
      <Button icon={<Pencil size={15} />} onClick={() => setNaming(true)}>
        {t("lists.rename")}
      </Button>
      {add}
      {naming && (
        <NameModal
          title={t("lists.rename")}
          start={list.name}
          done={t("common.save")}
          onClose={() => setNaming(false)}
          onSave={async (name) => {
            await lists.rename(list.id, name);
            await refresh();
            setNaming(false);
          }}
        />
      )}
    </>
  );
}

export function Component() {
  const { t } = useTranslation();
  const format = useFormat();
  const { id = "" } = useParams();
  const mayWrite = useCan("segments.write");
  const [way, setWay] = useAddressFilter("add");
  const refresh = useRefresh(id);
  const list = useQuery({
    queryKey: ["list", id],
    queryFn: ({ signal }) => lists.one(id, signal),
  });
  const uses = useQuery({
    queryKey: ["list-uses", id],
    queryFn: ({ signal }) => lists.uses(id, signal),
  });
  if (list.isPending) return <PageBones />;
  if (!list.data) return <ErrorState page error={list.error} retry={() => void list.refetch()} />;
  const size = list.data.size ?? 0;
  const add = mayWrite && (
    <Button type="primary" icon={<UserRoundPlus size={15} />} onClick={() => setWay("file")}>
      {t("lists.change")}
    </Button>
  );
  return (
    <>
      <PageHead
        back={{ to: "/lists", text: t("nav.lists") }}
        title={list.data.name}
        note={t("segments.size", { count: size, number: format.number(size) })}
        actions={
          mayWrite && (
            <Actions
              list={list.data}
              used={(uses.data?.items.length ?? 0) > 0}
              add={size > 0 && add}
            />
          )
        }
      />
      <div className="stack">
        <Members list={list.data} add={add} />
        <UsedBy uses={uses.data?.items} />
      </div>
      {mayWrite && way !== "" && (
        <AddMembers
          listId={id}
          way={way}
          onWay={setWay}
          onChanged={() => void refresh()}
          onClose={() => setWay("")}
        />
      )}
    </>
  );
}
