import { Domains } from "./Domains";
import { Providers } from "./Providers";

/** Who carries the mail, and the DNS records that make receivers trust it. */
export function Component() {
  return (
    <div className="stack">
      <Domains />
      <Providers />
    </div>
  );
}
