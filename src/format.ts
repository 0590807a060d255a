/**
 * Numbers as a person reads them.
 */

/** Seconds as '< 0.1 s', '0.4 s', '12 s' or '3 min 05 s'. */
export function formatSeconds(seconds: number): string {
  if (seconds > 0 && seconds < 0.1) {
    return '< 0.1 s';
  }
  if (seconds < 10) {
    return `${(Math.round(seconds * 10) / 10).toString()} s`;
  }
  const whole = Math.round(seconds);
  if (whole < 60) {
    return `${whole} s`;
  }
  const rest = (whole % 60).toString().padStart(2, '0');
  return `${Math.floor(whole / 60)} min ${rest} s`;
}

/** Bytes as '940 MB' or '1.1 GB'. */
export function formatBytes(bytes: number): string {
  const megabytes = bytes / 1e6;
  return megabytes < 1000
    ? `${Math.max(1, Math.round(megabytes))} MB`
    : `${(megabytes / 1000).toFixed(1)} GB`;
}

export function formatPercent(fraction: number): string {
  return `${Math.round(Math.min(1, Math.max(0, fraction)) * 100)} %`;
}

export function formatCount(count: number): string {
  return count.toLocaleString();
}

export function countLines(text: string): number {
  return text.split('\n').length;
}
