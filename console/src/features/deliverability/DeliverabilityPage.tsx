import { Domains } from "./Domains";
import { Hooks } from "./Hooks";
import { Mailboxes } from "./Mailboxes";
import { Providers } from "./Providers";

/** Who carries the mail, and the DNS records that make receivers trust it. */
export function Component() {
  return (
    <div className="stack">
      <Domains />
      <Providers />
      <Hooks />
      <Mailboxes />
    </div>
  );
}
