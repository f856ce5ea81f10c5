import { useQuery, useQueryClient } from "@tanstack/react-query";
import { App, Button, Modal } from "antd";
import { ImagePlus, Trash2 } from "lucide-react";
import { useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { contentApi, type Picture } from "@/api/content";
import { ErrorState, useErrorText } from "@/components/ErrorState";
import { useFormat } from "@/lib/format";

const queryKey = ["content", "pictures"];

async function base64(file: File): Promise<string> {
  const bytes = new Uint8Array(await file.arrayBuffer());
  let text = "";
  for (let at = 0; at < bytes.length; at += 32_768)
    text += String.fromCharCode(...bytes.subarray(at, at + 32_768));
  return btoa(text);
}

/** Uploads, shows and, when `onChoose` is there, lets one be chosen. */
export function Pictures({ onChoose }: { onChoose?: (picture: Picture) => void }) {
  const { t } = useTranslation();
  const format = useFormat();
  const client = useQueryClient();
  const { message, modal } = App.useApp();
  const errorText = useErrorText();
  const field = useRef<HTMLInputElement>(null);
  const [busy, setBusy] = useState(false);
  const pictures = useQuery({
    queryKey,
    queryFn: ({ signal }) => contentApi.pictures({ limit: 200 }, signal),
  });
  const run = async (work: () => Promise<unknown>) => {
    setBusy(true);
    try {
      await work();
      await client.invalidateQueries({ queryKey });
    } catch (error) {
      void message.error(errorText(error));
    } finally {
      setBusy(false);
    }
  };
  const add = (file: File) =>
    run(async () => {
      const added = await contentApi.addPicture(file.name, await base64(file));
      onChoose?.(added);
    });
  const remove = (picture: Picture) =>
    modal.confirm({
      title: t("content.remove_picture", { name: picture.name }),
      content: t("content.remove_picture_note"),
      okText: t("content.remove"),
      okButtonProps: { danger: true },
      onOk: () => run(() => contentApi.removePicture(picture.id)),
    });
  return (
    <div>
      <input
        ref={field}
        type="file"
        hidden
        accept="image/png,image/jpeg,image/gif"
        aria-label={t("content.add_picture")}
        onChange={(event) => {
          const file = event.target.files?.[0];
          event.target.value = "";
          if (file) void add(file);
        }}
      />
      <Button
        icon={<ImagePlus size={15} />}
        loading={busy}
        onClick={() => field.current?.click()}
        className="gap-below"
      >
        {t("content.add_picture")}
      </Button>
      <p className="muted gap-below">{t("content.pictures_note")}</p>
      {pictures.isError && (
        <ErrorState error={pictures.error} retry={() => void pictures.refetch()} />
      )}
      <ul className="pictures">
        {pictures.data?.items.map((picture) => (
          <li key={picture.id}>
            {onChoose ? (
              <button
                type="button"
                onClick={() => onChoose(picture)}
                aria-label={t("content.choose_picture", { name: picture.name })}
              >
                <img src={picture.url} alt="" loading="lazy" />
              </button>
            ) : (
              <img src={picture.url} alt="" loading="lazy" />
            )}
            <small>
              {picture.name}
              <br />
              {picture.width} × {picture.height}, {format.number(Math.ceil(picture.size / 1024))} KB
            </small>
            {!onChoose && (
              <Button
                size="small"
                type="text"
                icon={<Trash2 size={14} />}
                aria-label={t("content.remove_picture", { name: picture.name })}
                onClick={() => remove(picture)}
              />
            )}
          </li>
        ))}
      </ul>
    </div>
  );
}

/** A button that opens the pictures in a dialog. */
export function PicturePicker({ onChoose }: { onChoose: (picture: Picture) => void }) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button size="small" onClick={() => setOpen(true)}>
        {t("content.choose")}
      </Button>
      <Modal
        open={open}
        title={t("content.pictures")}
        footer={null}
        destroyOnHidden
        onCancel={() => setOpen(false)}
      >
        <Pictures
          onChoose={(picture) => {
            onChoose(picture);
            setOpen(false);
          }}
        />
      </Modal>
    </>
  );
}
