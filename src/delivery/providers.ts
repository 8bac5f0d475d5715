import type { Logger } from 'pino';
import type { Config } from '../config.js';
import type { Context } from '../context.js';
import type { Provider } from './provider.js';
import { sandboxProviders } from './providers/sandbox.js';
import { smtpProvider } from './providers/smtp.js';

export interface Providers {
  readonly providers: readonly Provider[];
  close(): Promise<void>;
}

/** The providers that the configuration asks for. Entries of media without one wait. */
export async function makeProviders(config: Config, { log, open }: { log: Logger; open: () => Context }): Promise<Providers> {
  const providers = await providersFor(config, log, open);
  return {
    providers,
    async close() {
      await Promise.all(providers.map(async (each) => await each.close()));
    },
  };
}

async function providersFor({ deliveryMode, smtpUrl, mailFrom }: Config, log: Logger, open: () => Context): Promise<Provider[]> {
  if (deliveryMode === 'sandbox') return await sandboxProviders({ from: mailFrom, log, open });
  if (smtpUrl) return [smtpProvider({ url: smtpUrl, from: mailFrom, log })];
  log.warn('DELIVERY_MODE is live and SMTP_URL is not set: e-mail waits in the queue.');
  return [];
}
