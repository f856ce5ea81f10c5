import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { Avatar } from "./Avatar";

interface Props {
  id: string;
  name: string;
  note?: string;
}

/** A link to a customer with avatar, name and one more fact. */
export function CustomerName({ id, name, note }: Props) {
  const { t } = useTranslation();
  return (
    <Link to={`/customers/${id}`} className="person">
      <Avatar seed={id} name={name} />
      <span className="person-text">
        <span className={name ? "person-name" : "person-name muted"}>
          {name || t("customers.anonymous")}
        </span>
        {note && note !== name && <small>{note}</small>}
      </span>
    </Link>
  );
}
