import { Button, Input, Segmented } from "antd";
import type { Component, Editor } from "grapesjs";
import { ArrowDown, ArrowUp, Copy, Trash2 } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { type Property, properties, typeOf } from "./pieces";
import { PicturePicker } from "./Pictures";

const hasText = (tag: string) => tag === "mj-text" || tag === "mj-button";

function Field({
  property,
  value,
  set,
}: {
  property: Property;
  value: string;
  set: (value: string) => void;
}) {
  const { t } = useTranslation();
  const id = `property-${property.name}`;
  if (property.kind === "align")
    return (
      <Segmented<string>
        size="small"
        aria-label={t("content.property.align")}
        value={value || "left"}
        onChange={set}
        options={["left", "center", "right"].map((side) => ({
          value: side,
          label: t(`content.align.${side}`),
        }))}
      />
    );
  return (
    <div className="visual-field">
      {property.kind === "color" && (
        <input
          type="color"
          aria-label={t("content.pick_color", { name: t(`content.property.${property.name}`) })}
          value={/^#[0-9a-f]{6}$/i.test(value) ? value : "#000000"}
          onChange={(event) => set(event.target.value)}
        />
      )}
      <Input id={id} size="small" value={value} onChange={(event) => set(event.target.value)} />
      {property.kind === "picture" && <PicturePicker onChoose={(picture) => set(picture.url)} />}
    </div>
  );
}

/** What the chosen element of the visual editor looks like, and what can be done with it. */
export function Properties({
  editor,
  component,
  title,
}: {
  editor: Editor;
  component: Component;
  title: string;
}) {
  const { t } = useTranslation();
  const tag = typeOf(component);
  const [values, setValues] = useState<Record<string, string>>(
    () => component.getAttributes() as Record<string, string>,
  );
  const [text, setText] = useState(() => component.getInnerHTML());
  const set = (name: string, value: string) => {
    setValues({ ...values, [name]: value });
    component.addAttributes({ [name]: value });
  };
  const move = (by: number) => {
    const parent = component.parent();
    const at = component.index() + by;
    if (!parent || at < 0 || at >= parent.components().length) return;
    component.move(parent, { at: by > 0 ? at + 1 : at });
    editor.select(component);
  };
  const duplicate = () => {
    const copies = component.parent()?.append(component.clone(), { at: component.index() + 1 });
    editor.select(copies?.[0]);
  };
  const removable = tag !== "mj-body";
  return (
    <section aria-label={title} className="visual-properties">
      <h2>{title}</h2>
      {removable && (
        <div className="visual-actions">
          <Button
            size="small"
            icon={<ArrowUp size={14} />}
            aria-label={t("content.move_up")}
            onClick={() => move(-1)}
          />
          <Button
            size="small"
            icon={<ArrowDown size={14} />}
            aria-label={t("content.move_down")}
            onClick={() => move(1)}
          />
          <Button
            size="small"
            icon={<Copy size={14} />}
            aria-label={t("content.duplicate")}
            onClick={duplicate}
          />
          <Button
            size="small"
            danger
            icon={<Trash2 size={14} />}
            aria-label={t("content.remove_element")}
            onClick={() => component.remove()}
          />
        </div>
      )}
      {hasText(tag) && (
        <label>
          <span>{t("content.property.text")}</span>
          <Input.TextArea
            autoSize={{ minRows: 2, maxRows: 8 }}
            value={text}
            onChange={(event) => {
              setText(event.target.value);
              component.components(event.target.value);
            }}
          />
        </label>
      )}
      {(properties[tag] ?? []).map((property) => (
        <div key={property.name} className="visual-property">
          <label htmlFor={property.kind === "align" ? undefined : `property-${property.name}`}>
            {t(`content.property.${property.name}`)}
          </label>
          <Field
            property={property}
            value={values[property.name] ?? ""}
            set={(value) => set(property.name, value)}
          />
        </div>
      ))}
    </section>
  );
}
