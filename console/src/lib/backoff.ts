/** How long to wait before try number `attempt` (from 0): doubling to half a minute, ±25 %. */
export function backoffMs(attempt: number, chance: number): number {
  const whole = Math.min(30_000, 500 * 2 ** Math.min(attempt, 10));
  return Math.round(whole * (0.75 + chance / 2));
}
