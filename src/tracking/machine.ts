import type { FastifyRequest } from 'fastify';

/** What scanners, prefetchers, previews of links and scripts call themselves. */
const programs =
  /bot\b|bot[/;)]|crawl|spider|slurp|preview|prefetch|scan|monitor|check|python|java\/|okhttp|axios|go-http|libwww|headless|phantom|proofpoint|mimecast|barracuda|safelinks|facebookexternalhit|whatsapp/i;

/**
 * Whether a program asks rather than a reader (promises.md, Security). Proxies of web mail that load images when the e-mail is
 * opened are the reader's, and somebody who tries it out by hand with curl counts, too; Apple's, which loads them all in advance, says nothing but `Mozilla/5.0`.
 */
export function isMachine({ method, headers }: Pick<FastifyRequest, 'method' | 'headers'>): boolean {
  if (method !== 'GET') return true;
  const purpose = ['purpose', 'sec-purpose', 'x-purpose', 'x-moz'].map((name) => String(headers[name] ?? '')).join(' ');
  if (/prefetch|prerender|preview/i.test(purpose)) return true;
  const agent = (headers['user-agent'] ?? '').trim();
  return agent === '' || agent === 'Mozilla/5.0' || programs.test(agent.slice(0, 500));
}
