/** Figures in a terminal's few columns. */

export function count(n: number): string {
  if (n < 10_000) return Math.round(n).toLocaleString('en');
  return n < 1_000_000 ? `${(n / 1000).toFixed(1)} k` : `${(n / 1_000_000).toFixed(1)} M`;
}

export function rate(n: number): string {
  return n > 0 && n < 10 ? n.toFixed(1) : count(n);
}

export function clock(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  return [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60]
    .map((part) => String(part).padStart(2, '0'))
    .join(':');
}

/** Eighths of a block, so that small parts are seen. */
export function bar(part: number, width: number): string {
  const eighths = Math.round(Math.min(1, Math.max(0, part)) * width * 8);
  const whole = Math.floor(eighths / 8);
  const rest = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'][eighths % 8] ?? '';
  return ('█'.repeat(whole) + rest).padEnd(width);
}
