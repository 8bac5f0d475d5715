import type { ServerStatus, StatusLink } from '../site/status.js';

const places: StatusLink[] = [
  { label: 'Playground', href: '/playground', description: 'Write and run operations; the examples are open already.' },
  { label: 'Inbox', href: '/inbox', description: 'A contact’s messages, live, on as many windows as you like.' },
  { label: 'Outbox', href: '/sandbox', description: 'Every message that would have left, as its reader would see it.' },
  { label: 'GraphQL', href: '/graphql', description: 'The API, over HTTP and graphql-transport-ws.' },
  { label: 'Alive', href: '/healthz', description: 'Answers while the process runs.' },
  { label: 'Ready', href: '/readyz', description: 'Database reached and migrated, scheduler running; otherwise the reasons.' },
  { label: 'Metrics', href: '/metrics', description: 'Counts and timings for Prometheus.' },
];

/** The places that every server has, in the server's own words where it has some, and what else it names. */
export function placesOf(status: ServerStatus | undefined): StatusLink[] {
  const told = (status?.links ?? []).filter((link) => isSafe(link.href));
  const known = places.map((place) => told.find((link) => link.href === place.href) ?? place);
  const more = told.filter((link) => !places.some((place) => place.href === link.href) && link.href !== '/');
  return [...known, ...more].filter((place) => place.href !== '/playground' || status?.playground !== false);
}

function isSafe(href: string): boolean {
  return href.startsWith('/') || /^https?:\/\//.test(href);
}
