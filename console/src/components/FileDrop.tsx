import { Button } from "antd";
import { FileUp } from "lucide-react";
import { type DragEvent, useId, useRef, useState } from "react";

/** Where a file is dropped, or chosen by the button. */
export function FileDrop({
  title,
  note,
  choose,
  accept,
  onFile,
}: {
  title: string;
  note: string;
  choose: string;
  accept: string;
  onFile: (file: File) => void;
}) {
  const [over, setOver] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  const inputId = useId();
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    const file = event.dataTransfer.files[0];
    if (file) onFile(file);
  };
  return (
    <div
      className={over ? "drop is-over" : "drop"}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
    >
      <FileUp size={26} aria-hidden />
      <p className="drop-title">{title}</p>
      <p className="muted">{note}</p>
      <Button type="primary" onClick={() => input.current?.click()}>
        {choose}
      </Button>
      <label htmlFor={inputId} className="hidden">
        {choose}
      </label>
      <input
        ref={input}
        id={inputId}
        type="file"
        className="hidden"
        tabIndex={-1}
        accept={accept}
        onChange={(event) => {
          const file = event.target.files?.[0];
          event.target.value = "";
          if (file) onFile(file);
        }}
      />
    </div>
  );
}
