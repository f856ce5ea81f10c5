/** The sign of Rapport: two circles that share something. */
export function Mark({ size }: { size: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden className="mark">
      <rect width="32" height="32" rx="8" />
      <circle cx="12.5" cy="16" r="6" className="mark-us" />
      <circle cx="19.5" cy="16" r="6" className="mark-them" />
    </svg>
  );
}
