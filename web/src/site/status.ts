export interface DemoToken {
  label: string;
  role: string;
  subject: string;
  token: string;
  hint?: string;
}
export interface StatusLink {
  label: string;
  href: string;
  description: string;
}
/** What `/status.json` tells about the server; `tokens` only in the demo. */
export interface ServerStatus {
  name: string;
  version: string;
  demo: boolean;
  deliveryMode: 'sandbox' | 'live';
  ready: boolean;
  reasons: string[];
  playground: boolean;
  links: StatusLink[];
  tokens?: DemoToken[];
}

/** The server's status, or nothing where it does not answer: every page works without it. */
export async function readStatus(): Promise<ServerStatus | undefined> {
  try {
    const response = await fetch('/status.json', { headers: { accept: 'application/json' }, cache: 'no-store' });
    // A server that is not ready may say so with 503; the body tells the reasons.
    const status: unknown = await response.json();
    return isStatus(status) ? status : undefined;
  } catch {
    return undefined;
  }
}

function isStatus(value: unknown): value is ServerStatus {
  return typeof value === 'object' && value !== null && 'ready' in value && Array.isArray((value as ServerStatus).reasons);
}
