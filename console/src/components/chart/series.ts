/** One line or one row of bars; `values` stand in the order of the chart's categories. */
export interface Series {
  key: string;
  name: string;
  kind: "line" | "bar";
  values: (number | null)[];
  tone?: "main" | "soft" | "warm" | "bad";
  /** Drawn thin and dashed, as the period before. */
  ghost?: boolean;
}

export interface ChartData {
  categories: string[];
  series: Series[];
  /** How a value reads, in axis, tip and table; plain numbers when absent. */
  format?: (value: number) => string;
}
