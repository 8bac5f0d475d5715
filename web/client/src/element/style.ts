/** Colours and spaces are custom properties that a page may set on the element; everything else is reached by ::part(). */
export const style = `
:host {
  display: block;
  color-scheme: inherit;
  --c-ink: var(--carillon-ink, light-dark(#221e1a, #f1ece5));
  --c-ink-soft: var(--carillon-ink-soft, light-dark(#655d53, #b3a99c));
  --c-surface: var(--carillon-surface, light-dark(#fff, #1d1a17));
  --c-line: var(--carillon-line, light-dark(#e5dfd6, #352f29));
  --c-accent: var(--carillon-accent, light-dark(#8f5b12, #e6b663));
  --c-accent-ground: var(--carillon-accent-ground, light-dark(#f8eedd, #35280f));
  --c-good: var(--carillon-good, light-dark(#1c6b45, #6fcf9c));
  --c-good-ground: var(--carillon-good-ground, light-dark(#e3f3ea, #13301f));
  --c-bad: var(--carillon-bad, light-dark(#a83226, #f2958a));
  --c-bad-ground: var(--carillon-bad-ground, light-dark(#fbe6e3, #3d1b17));
  --c-warn: var(--carillon-warn, light-dark(#8a5a00, #f0bd5c));
  --c-warn-ground: var(--carillon-warn-ground, light-dark(#fdf1d8, #382a0c));
  --c-radius: var(--carillon-radius, 12px);
  color: var(--c-ink);
  font: var(--carillon-font, 400 16px/1.5 system-ui, sans-serif);
}
*, *::before, *::after { box-sizing: border-box; }
[hidden] { display: none !important; }
h2, p, ul { margin: 0; padding: 0; }
ul { list-style: none; display: grid; gap: 12px; }
header { display: flex; flex-wrap: wrap; gap: 8px 24px; align-items: end; justify-content: space-between; margin-bottom: 16px; }
h2 { font-size: 1.35em; line-height: 1.3; }
.line { display: flex; flex-wrap: wrap; gap: 6px 12px; align-items: center; }
.counts, .entry-meta, .entry-excerpt { color: var(--c-ink-soft); }
.counts { min-height: 1.5em; font-variant-numeric: tabular-nums; }
.notice { padding: 10px 14px; margin-bottom: 12px; border-radius: var(--c-radius); background: var(--c-warn-ground); color: var(--c-warn); }
.notice.bad { background: var(--c-bad-ground); color: var(--c-bad); }
.card { background: var(--c-surface); border: 1px solid var(--c-line); border-radius: var(--c-radius); }
.empty { padding: 40px 20px; text-align: center; color: var(--c-ink-soft); }
.empty h2 { font-size: 1.1em; color: var(--c-ink); }
button { font: inherit; font-size: .9em; color: var(--c-ink); background: var(--c-surface); border: 1px solid var(--c-line); border-radius: 8px; padding: 6px 12px; cursor: pointer; }
button:hover:enabled { border-color: var(--c-ink-soft); }
button:disabled { opacity: .5; cursor: default; }
button:focus-visible { outline: 2px solid var(--c-accent); outline-offset: 2px; }
button.quiet { background: none; border-color: transparent; }
button.danger { color: var(--c-bad); }
.badge { font-size: .82em; padding: 2px 9px; border-radius: 99px; background: var(--c-line); white-space: nowrap; }
.badge.good { background: var(--c-good-ground); color: var(--c-good); }
.badge.bad { background: var(--c-bad-ground); color: var(--c-bad); }
.badge.accent { background: var(--c-accent-ground); color: var(--c-accent); }
.entry { overflow: hidden; transition: background-color .4s, border-color .4s; }
.entry.flash { background: var(--c-accent-ground); border-color: var(--c-accent); }
.entry-toggle, .entry-toggle:hover:enabled { width: 100%; display: flex; gap: 12px; align-items: flex-start; text-align: left; background: none; border: 0; border-radius: 0; padding: 14px 16px 6px; font-size: 1em; }
.entry-toggle:focus-visible { outline-offset: -3px; }
.viewed-mark { flex: none; width: 10px; height: 10px; margin-top: .45em; border-radius: 50%; border: 1.5px solid var(--c-ink-soft); }
.unviewed .viewed-mark { background: var(--c-accent); border-color: var(--c-accent); }
.unviewed .entry-subject { font-weight: 650; }
.entry-text { min-width: 0; display: grid; gap: 2px; }
.entry-subject, .entry-excerpt { overflow-wrap: anywhere; display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 2; overflow: hidden; }
.entry.open .entry-excerpt { display: none; }
.entry-body { padding: 4px 16px 10px 38px; }
.entry-body p { white-space: pre-wrap; overflow-wrap: anywhere; }
.safe-frame { display: block; width: 100%; height: 240px; resize: vertical; border: 1px solid var(--c-line); border-radius: 8px; background: #fff; }
footer { display: flex; flex-wrap: wrap; gap: 6px 12px; align-items: center; padding: 4px 12px 12px 38px; }
.entry-meta { font-size: .88em; }
.entry-buttons { display: flex; gap: 4px; margin-left: auto; }
@media (max-width: 560px) { footer, .entry-body { padding-left: 16px; } }
@media (prefers-reduced-motion: reduce) { .entry { transition: none; } }
`;
