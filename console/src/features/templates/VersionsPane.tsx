import { useQuery, useQueryClient } from "@tanstack/react-query";
import { App, Button } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { contentApi, type ContentKind } from "@/api/content";
import { ListBones } from "@/components/Bones";
import { ErrorState, useErrorText } from "@/components/ErrorState";
import { Time } from "@/components/Time";
import { useCan } from "@/lib/session";

function Diff({ text }: { text: string }) {
  const kindOf = (line: string) =>
    line.startsWith("+") ? "added" : line.startsWith("-") ? "removed" : "same";
  return (
    // A long line is read by scrolling, which the keyboard must be able to do.
    // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <pre className="diff" tabIndex={0}>
      {text.split("\n").map((line, at) => (
        <span key={`${at} ${line}`} className={`is-${kindOf(line)}`}>
          {line}
          {"\n"}
        </span>
      ))}
    </pre>
  );
}

/** Every save of an item, what each changed, and the way back. */
export function VersionsPane({ kind, id }: { kind: ContentKind; id: string }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const { message } = App.useApp();
  const errorText = useErrorText();
  const mayWrite = useCan("campaigns.write");
  const [open, setOpen] = useState(0);
  const versions = useQuery({
    queryKey: ["content", kind, id, "versions"],
    queryFn: ({ signal }) => contentApi.versions(kind, id, signal),
  });
  const latest = versions.data?.items[0]?.version ?? 0;
  const diff = useQuery({
    queryKey: ["content", kind, id, "diff", open, latest],
    queryFn: ({ signal }) => contentApi.compare(kind, id, open, latest, signal),
    enabled: open > 0 && open !== latest,
  });
  const restore = async (version: number) => {
    try {
      const saved = await contentApi.restore(kind, id, version);
      client.setQueryData(["content", kind, id], saved);
      void client.invalidateQueries({ queryKey: ["content", kind] });
      void message.success(t("content.saved", { version: saved.version }));
    } catch (error) {
      void message.error(errorText(error));
    }
  };
  if (versions.isPending) return <ListBones rows={3} />;
  if (versions.isError)
    return <ErrorState error={versions.error} retry={() => void versions.refetch()} />;
  return (
    <ul className="versions">
      {versions.data.items.map((version) => (
        <li key={version.version}>
          <div className="version-row">
            <strong>{t("content.version_number", { version: version.version })}</strong>
            <span className="muted">
              <Time at={version.saved_at} /> · {version.author}
              {version.comment && ` · ${version.comment}`}
            </span>
            {version.version !== latest && (
              <span>
                <Button
                  size="small"
                  aria-expanded={open === version.version}
                  onClick={() => setOpen(open === version.version ? 0 : version.version)}
                >
                  {t("content.compare")}
                </Button>{" "}
                {mayWrite && (
                  <Button size="small" onClick={() => void restore(version.version)}>
                    {t("content.restore")}
                  </Button>
                )}
              </span>
            )}
          </div>
          {open === version.version &&
            diff.data?.differences.map((one) => (
              <div key={`${one.language} ${one.part}`}>
                <small>
                  {one.language || t("content.default_language")} · {t(`content.part.${one.part}`)}
                </small>
                <Diff text={one.diff} />
              </div>
            ))}
          {open === version.version && diff.data?.differences.length === 0 && (
            <p className="muted">{t("content.no_difference")}</p>
          )}
        </li>
      ))}
    </ul>
  );
}
