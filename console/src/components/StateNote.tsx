import type { ReactNode } from "react";

interface Props {
  title: ReactNode;
  text?: ReactNode;
  detail?: ReactNode;
  icon?: ReactNode;
  action?: ReactNode;
  tone?: "calm" | "problem";
  /** Set where the note is the whole page, so that the page has its heading. */
  page?: boolean;
}

/** What stands where content would be: nothing yet, nothing found, or something went wrong. */
export function StateNote({ title, text, detail, icon, action, tone = "calm", page }: Props) {
  return (
    <div className={`state state-${tone}`} role={tone === "problem" ? "alert" : undefined}>
      {icon && (
        <div className="state-icon" aria-hidden>
          {icon}
        </div>
      )}
      {page ? <h1>{title}</h1> : <h2>{title}</h2>}
      {text && <p>{text}</p>}
      {detail && <p className="state-detail">{detail}</p>}
      {action && <div className="state-action">{action}</div>}
    </div>
  );
}
