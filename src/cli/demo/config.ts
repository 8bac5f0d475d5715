import { join } from 'node:path';
import type { Config } from '../../config.js';

/**
 * The demo's own configuration: a database and secrets of its own, so that it never mixes with real data, and no way out of
 * this machine. What is about this machine and its callers (port, host, keys, log level) stays as it is set.
 */
export function demoConfig(config: Config): Config {
  return Object.freeze({
    ...config,
    demo: true,
    dataDir: join(config.dataDir, 'demo'),
    databaseUrl: undefined,
    mongodbUrl: undefined,
    smtpUrl: undefined,
    deliveryMode: 'sandbox',
    deliveryModeUnset: false,
    role: 'all',
    playground: true,
    introspection: true,
    // What is worth reading there is said in words; LOG_LEVEL=debug still shows it all.
    logLevel: config.logLevel === 'info' ? 'warn' : config.logLevel,
    // Its texts are in English and Greek.
    defaultLanguage: 'en',
  });
}
