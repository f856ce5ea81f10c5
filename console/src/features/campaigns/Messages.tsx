import { Tag } from "antd";
import { useTranslation } from "react-i18next";
import { useSearchParams } from "react-router";
import type { Campaign } from "@/api/types";
import { MessageList, OutcomeSelect } from "@/components/MessageList";
import { reasonText } from "@/components/permissionSentence";
import { useAddressFilter } from "@/lib/address";
import { variantLabel } from "./variants";

const narrower = ["variant", "run", "link", "reason_is"] as const;

/** The recipients of a campaign, or those behind one of its numbers: the address says which. */
export function Messages({ campaign }: { campaign: Campaign }) {
  const { t } = useTranslation();
  const [outcome, setOutcome] = useAddressFilter("outcome");
  const [search, setSearch] = useSearchParams();
  const chosen = Object.fromEntries(narrower.map((name) => [name, search.get(name) ?? ""]));
  const words: Record<(typeof narrower)[number], (value: string) => string> = {
    variant: (value) => variantLabel(value, campaign, t),
    run: (value) => t("messages.run", { run: value }),
    link: (value) => value,
    reason_is: (value) => reasonText(value, t),
  };
  const clear = (name: string) =>
    setSearch(
      (before) => {
        const after = new URLSearchParams(before);
        after.delete(name);
        after.delete("cursor");
        return after;
      },
      { replace: true },
    );
  return (
    <>
      <div className="filters">
        <OutcomeSelect
          value={outcome}
          onChange={setOutcome}
          more={campaign.goal ? ["converted"] : []}
        />
        {narrower.map((name) =>
          chosen[name] ? (
            <Tag
              key={name}
              closable={{ "aria-label": t("messages.clear") }}
              onClose={() => clear(name)}
              className="filter-tag"
            >
              {words[name](chosen[name])}
            </Tag>
          ) : null,
        )}
      </div>
      <MessageList
        filter={{ campaign_id: campaign.id, outcome, ...chosen }}
        filtered={outcome !== "" || narrower.some((name) => chosen[name])}
        emptyText={t("messages.none_text")}
        refreshMs={campaign.status === "done" ? false : 3_000}
        title={(message) => message.address || t("messages.no_address")}
        about={(message) => ({
          to: `/customers/${message.customer_id}`,
          text: t("messages.open_customer"),
        })}
      />
    </>
  );
}
