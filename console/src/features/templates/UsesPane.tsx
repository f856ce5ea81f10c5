import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { contentApi, type ContentKind } from "@/api/content";
import { ListBones } from "@/components/Bones";
import { ErrorState } from "@/components/ErrorState";

const places: Record<string, string> = {
  campaign: "/campaigns",
  message: "/messages",
  template: "/templates",
  "content block": "/templates/content-blocks",
  layout: "/templates/layouts",
};

/** Where an item is used: what would break without it. */
export function UsesPane({ kind, id }: { kind: ContentKind; id: string }) {
  const { t } = useTranslation();
  const uses = useQuery({
    queryKey: ["content", kind, id, "uses"],
    queryFn: ({ signal }) => contentApi.uses(kind, id, signal),
  });
  if (uses.isPending) return <ListBones rows={2} />;
  if (uses.isError) return <ErrorState error={uses.error} retry={() => void uses.refetch()} />;
  if (uses.data.items.length === 0) return <p className="muted">{t("content.unused")}</p>;
  return (
    <ul>
      {uses.data.items.map((use) => (
        <li key={use.id}>
          <Link to={`${places[use.kind] ?? "/templates"}/${use.id}`}>{use.name}</Link>
        </li>
      ))}
    </ul>
  );
}
