import { Button, Segmented, Select } from "antd";
import { Trash2 } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { ContentVariant } from "@/api/content";
import { type Draft, editorLanguages, variantOf } from "./kinds";

interface Props {
  draft: Draft;
  language: string;
  onLanguage: (language: string) => void;
  onChange: (variants: ContentVariant[]) => void;
}

/** The variants of a template by language: which is shown, another one, one less. */
export function Languages({ draft, language, onLanguage, onChange }: Props) {
  const { t, i18n } = useTranslation();
  const names = new Intl.DisplayNames([i18n.language], { type: "language" });
  const nameOf = (tag: string) => (tag ? (names.of(tag) ?? tag) : t("content.default_language"));
  const used = new Set(draft.variants.map((variant) => variant.language));
  const free = editorLanguages.filter((tag) => !used.has(tag));
  const add = (tag: string) => {
    onChange([...draft.variants, { ...variantOf(draft, language), language: tag }]);
    onLanguage(tag);
  };
  return (
    <div className="content-languages">
      <Segmented<string>
        aria-label={t("content.languages")}
        value={language}
        onChange={onLanguage}
        options={draft.variants.map((variant) => ({
          value: variant.language,
          label: nameOf(variant.language),
        }))}
      />
      {free.length > 0 && (
        <Select<string>
          value={null}
          placeholder={t("content.add_language")}
          aria-label={t("content.add_language")}
          onChange={add}
          options={free.map((tag) => ({ value: tag, label: nameOf(tag) }))}
          popupMatchSelectWidth={false}
        />
      )}
      {language && (
        <Button
          type="text"
          icon={<Trash2 size={15} />}
          onClick={() => {
            onChange(draft.variants.filter((variant) => variant.language !== language));
            onLanguage("");
          }}
        >
          {t("content.remove_language", { name: nameOf(language) })}
        </Button>
      )}
    </div>
  );
}
