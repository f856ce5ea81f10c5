/** The steps of a path; a dot or backslash that belongs to a name is escaped by a backslash. */
export function pathSteps(path: string): string[] {
  const steps = [""];
  for (let at = 0; at < path.length; at += 1) {
    const character = path[at] ?? "";
    if (character === ".") steps.push("");
    else if (character === "\\" && at + 1 < path.length) {
      at += 1;
      steps[steps.length - 1] += path[at] ?? "";
    } else steps[steps.length - 1] += character;
  }
  return steps;
}
