// The corners of an area as text, "latitude, longitude" a line, and as dots of a small plot.
import type { Point } from "@/components/conditions/language";

export const maxCorners = 500;

export const writeCorners = (corners: Point[]) =>
  corners.map(({ lat, lon }) => `${lat}, ${lon}`).join("\n");

const number = "[+-]?\\d{1,3}(?:\\.\\d+)?";
const line = new RegExp(`^(${number})\\s*[,;\\s]\\s*(${number})$`);

/** The corners, and the number of the first line that is none; 0 when all are. */
export function readCorners(text: string): { corners: Point[]; faulty: number } {
  const corners: Point[] = [];
  for (const [index, written] of text.split("\n").entries()) {
    if (written.trim() === "") continue;
    const match = line.exec(written.trim());
    const lat = Number(match?.[1]);
    const lon = Number(match?.[2]);
    if (!match || Math.abs(lat) > 90 || Math.abs(lon) > 180) return { corners, faulty: index + 1 };
    corners.push({ lat, lon });
  }
  return { corners, faulty: 0 };
}

/** Longitudes that cross the date line, as they lie beside the first. */
function unwrapped(corners: Point[]): Point[] {
  const first = corners[0]?.lon ?? 0;
  return corners.map(({ lat, lon }) => {
    const away = lon - first;
    return { lat, lon: away > 180 ? lon - 360 : away < -180 ? lon + 360 : lon };
  });
}

/** Dots in a box, north up, a kilometre as long in both directions in the middle of the area. */
export function plotOf(
  corners: Point[],
  width: number,
  height: number,
): { x: number; y: number }[] {
  if (corners.length === 0) return [];
  const edge = 8;
  const points = unwrapped(corners);
  const lats = points.map(({ lat }) => lat);
  const middle = (Math.min(...lats) + Math.max(...lats)) / 2;
  const narrow = Math.max(0.05, Math.cos((middle * Math.PI) / 180));
  const flat = points.map(({ lat, lon }) => ({ x: lon * narrow, y: -lat }));
  const spanOf = (values: number[]) => {
    const low = Math.min(...values);
    return { low, size: Math.max(...values) - low };
  };
  const xs = spanOf(flat.map(({ x }) => x));
  const ys = spanOf(flat.map(({ y }) => y));
  const room = { x: width - 2 * edge, y: height - 2 * edge };
  const scale = Math.min(room.x / Math.max(xs.size, 1e-9), room.y / Math.max(ys.size, 1e-9));
  const round = (value: number) => Math.round(value * 10) / 10;
  return flat.map(({ x, y }) => ({
    x: round(edge + (room.x - xs.size * scale) / 2 + (x - xs.low) * scale),
    y: round(edge + (room.y - ys.size * scale) / 2 + (y - ys.low) * scale),
  }));
}
