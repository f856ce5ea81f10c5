/** Text without case and accents, as people search: "Đặng" is found by "dang". */
export function folded(text: string): string {
  return text.normalize("NFD").replace(/\p{M}/gu, "").replace(/[đĐ]/g, "d").toLowerCase();
}

/** Whether every word of `wanted` stands somewhere in `text`. */
export function matches(text: string, wanted: string): boolean {
  const whole = folded(text);
  return folded(wanted)
    .split(/\s+/)
    .every((word) => whole.includes(word));
}
