/**
 * The candidates that were probably meant, best first: those that begin as `name` does or differ from it in a few letters.
 * Empty where nothing is near.
 */
export function nearest(name: string, candidates: Iterable<string>, most = 3): string[] {
  const wanted = name.toLowerCase().slice(0, longest);
  const allowed = Math.max(1, Math.min(4, Math.floor(wanted.length / 3)));
  const scored: { candidate: string; score: number }[] = [];
  for (const candidate of candidates) {
    const lower = candidate.toLowerCase();
    const starts = wanted.length >= 2 && (lower.startsWith(wanted) || wanted.startsWith(lower));
    const score = distance(wanted, lower, allowed);
    if (score <= allowed) scored.push({ candidate, score });
    else if (starts) scored.push({ candidate, score: allowed + 1 });
  }
  scored.sort((a, b) => a.score - b.score || (a.candidate < b.candidate ? -1 : 1));
  return scored.slice(0, most).map((each) => each.candidate);
}

/** ` Did you mean a, b or c?`, or nothing: the end of a problem's message. */
export function didYouMean(name: string, candidates: Iterable<string>, prefix = ''): string {
  const names = nearest(name, candidates).map((each) => `${prefix}${each}`);
  const last = names.pop();
  if (last === undefined) return '';
  return names.length === 0 ? ` Did you mean ${last}?` : ` Did you mean ${names.join(', ')} or ${last}?`;
}

const longest = 100;

/** Letters inserted, left out, replaced or swapped with their neighbour; gives up past `limit`. */
function distance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) > limit) return limit + 1;
  let before: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let best = Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + (same ? 0 : 1));
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (swapped) best = Math.min(best, (before[j - 2] ?? 0) + 1);
      row.push(best);
    }
    before = last;
    last = row;
  }
  return last[b.length] ?? limit + 1;
}
