// Numbers as people read them. Without the user's locale: the same input prints the same report.

/** `1234567` as `1,234,567`. */
export function count(value: number): string {
  return String(value).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** `1 file`, `2 files`, `2 addresses`. */
export function countOf(value: number, one: string, many: string = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`;
}

/** Bytes as `812 B`, `4.1 kB`, `23 MB`: decimal units, as disks and networks have them. */
export function bytes(value: number): string {
  let scaled = value;
  let unit = 0;
  // 999.5 would be shown as 1000.
  while (scaled >= 999.5 && unit < UNITS.length - 1) {
    scaled /= 1000;
    unit += 1;
  }
  return unit === 0 ? `${value} B` : `${shortNumber(scaled)} ${UNITS[unit]}`;
}

/** Bytes in a time as `0.26 MB/s`. Empty when no time has passed, for there is no such number. */
export function rate(value: number, ms: number): string {
  return ms > 0 ? `${shortNumber(value / 1000 / ms)} MB/s` : '';
}

/** A time as `12 ms`, `3.4 s`, `2 min 5 s`, `1 h 20 min`. */
export function duration(ms: number): string {
  if (ms < 999.5) return `${Math.round(ms)} ms`;
  if (ms < 9950) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return joined(minutes, 'min', seconds % 60, 's');
  return joined(Math.floor(minutes / 60), 'h', minutes % 60, 'min');
}

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];

/** Two significant digits below ten, whole numbers from there on. */
function shortNumber(value: number): string {
  if (value >= 9.95) return count(Math.round(value));
  return value >= 0.995 || value === 0 ? value.toFixed(1) : value.toFixed(2);
}

function joined(large: number, largeUnit: string, small: number, smallUnit: string): string {
  return small === 0 ? `${large} ${largeUnit}` : `${large} ${largeUnit} ${small} ${smallUnit}`;
}
