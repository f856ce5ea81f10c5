import { ChevronLeft } from "lucide-react";
import { type ReactNode, useEffect } from "react";
import { Link } from "react-router";

interface Props {
  title: string;
  /** Stands before the title, e.g. an avatar. */
  lead?: ReactNode;
  note?: ReactNode;
  actions?: ReactNode;
  back?: { to: string; text: string };
}

/** The top of a page; also names the browser tab. */
export function PageHead({ title, lead, note, actions, back }: Props) {
  useEffect(() => {
    document.title = title ? `${title} · Rapport` : "Rapport";
  }, [title]);
  return (
    <div className="page-head">
      {back && (
        <Link to={back.to} className="back">
          <ChevronLeft size={15} aria-hidden />
          {back.text}
        </Link>
      )}
      <div className="page-head-row">
        {lead}
        <div className="page-head-text">
          <h1 title={title}>{title}</h1>
          {note && <div className="page-note">{note}</div>}
        </div>
        {actions && <div className="page-actions">{actions}</div>}
      </div>
    </div>
  );
}
