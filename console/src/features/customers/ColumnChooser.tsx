import { useQuery } from "@tanstack/react-query";
import { Button, Popover, Select } from "antd";
import { Columns3 } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { audience } from "@/api/audience";
import { plainColumns, usualColumns } from "./columns";

/** How a column is called. */
export function useColumnTitle(): (key: string) => string {
  const { t } = useTranslation();
  return (key) => {
    switch (key) {
      case "events":
        return t("customers.events");
      case "first":
        return t("customers.first_seen");
      case "last":
        return t("customers.last_seen");
      case "trait:country":
        return t("customers.country");
      case "identifier:email":
        return t("kind.email");
      case "identifier:phone":
        return t("kind.phone");
      case "identifier:user_id":
        return t("kind.user_id");
      default:
        return key.slice(key.indexOf(":") + 1);
    }
  };
}

/** Chooses what the list shows beside the customer, from what customers really have. */
export function ColumnChooser({
  columns,
  onChange,
}: {
  columns: string[];
  onChange: (columns: string[]) => void;
}) {
  const { t } = useTranslation();
  const title = useColumnTitle();
  const [open, setOpen] = useState(false);
  const traits = useQuery({
    queryKey: ["vocabulary", "traits", ""],
    queryFn: ({ signal }) => audience.traitNames("", signal),
    enabled: open,
    staleTime: 60_000,
  });
  const known = [
    ...plainColumns,
    ...(traits.data?.items ?? []).map((item) => `trait:${item.name}`),
  ];
  const options = [...new Set([...columns, ...known])].map((value) => ({
    value,
    label: title(value),
  }));
  return (
    <Popover
      open={open}
      onOpenChange={setOpen}
      trigger="click"
      placement="bottomRight"
      destroyOnHidden
      content={
        <div className="column-chooser">
          <Select<string[]>
            mode="multiple"
            autoFocus
            value={columns}
            onChange={onChange}
            options={options}
            loading={traits.isPending}
            showSearch={{ optionFilterProp: "label" }}
            maxCount={12}
            aria-label={t("customers.columns")}
          />
          <Button type="link" size="small" onClick={() => onChange(usualColumns)}>
            {t("customers.columns_usual")}
          </Button>
        </div>
      }
    >
      <Button icon={<Columns3 size={15} />} aria-expanded={open}>
        {t("customers.columns")}
      </Button>
    </Popover>
  );
}
