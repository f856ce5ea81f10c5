import { pathSteps } from "@/lib/paths";

/** What a template says to show a trait, with what stands there when the customer lacks it. */
export function traitOutput(path: string, fallback: string): string {
  const steps = pathSteps(path).map((step) =>
    /^[A-Za-z_][\w-]*$/.test(step) ? `.${step}` : `["${step.replaceAll('"', "")}"]`,
  );
  // A text of the template language knows no escapes: it ends at its own quote.
  const quote = fallback.includes('"') ? "'" : '"';
  const text = fallback.replaceAll(quote, quote === "'" ? "’" : "");
  const rest = fallback === "" ? "" : ` | default: ${quote}${text}${quote}`;
  return `{{ customer.traits${steps.join("")}${rest} }}`;
}

export const subjectLimit = 70;
