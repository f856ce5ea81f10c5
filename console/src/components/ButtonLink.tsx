import { Button, type ButtonProps } from "antd";
import type { MouseEvent } from "react";
import { useHref, useNavigate } from "react-router";

/** A link that looks like a button: it can be opened in a new tab and takes one tab stop. */
export function ButtonLink({
  to,
  ...rest
}: Omit<ButtonProps, "href" | "onClick"> & { to: string }) {
  const href = useHref(to);
  const navigate = useNavigate();
  const follow = (event: MouseEvent<HTMLElement>) => {
    if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey)
      return;
    event.preventDefault();
    void navigate(to);
  };
  return <Button {...rest} href={href} onClick={follow} />;
}
