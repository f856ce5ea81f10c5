import { App, Button } from "antd";
import { useRef } from "react";
import { useTranslation } from "react-i18next";
import { useErrorText } from "./ErrorState";

const shownSeconds = 8;

/** Says that something was done and offers to take it back for a while. */
export function useUndo(): (done: string, undo: () => Promise<unknown>) => void {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const errorText = useErrorText();
  const count = useRef(0);
  return (done, undo) => {
    count.current += 1;
    const key = `undo ${count.current}`;
    const takeBack = async () => {
      message.destroy(key);
      try {
        await undo();
      } catch (error) {
        void message.error(errorText(error));
      }
    };
    void message.success({
      key,
      duration: shownSeconds,
      content: (
        <>
          {done}{" "}
          <Button type="link" size="small" onClick={() => void takeBack()}>
            {t("common.undo")}
          </Button>
        </>
      ),
    });
  };
}
