import type { Config } from '../../config.js';

/** One thing that was looked at. A warning is worth reading; with a failure the server does not do its work. */
export interface Check {
  name: string;
  status: 'ok' | 'warning' | 'failed';
  finding: string;
  /** What to do about it. */
  advice?: string;
}

const oldestNode = [22, 17] as const;

export function checkNode(version: string): Check {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const enough = major > oldestNode[0] || (major === oldestNode[0] && minor >= oldestNode[1]);
  if (enough) return { name: 'node', status: 'ok', finding: version };
  return {
    name: 'node',
    status: 'failed',
    finding: `${version} is older than ${oldestNode.join('.')}`,
    advice: 'Start it through npm (npm start, npm run carillon, npx carillon): npm ci brings a Node of its own.',
  };
}

/** What is allowed, and yet seldom meant. */
export function checkConfig(config: Config): Check[] {
  const checks: Check[] = [];
  const warn = (finding: string, advice: string) => checks.push({ name: 'configuration', status: 'warning', finding, advice });
  if (config.deliveryModeUnset)
    warn('DELIVERY_MODE is not set in production: messages stay in the sandbox and nothing is sent.', 'Set DELIVERY_MODE=live to send.');
  if (config.production && !config.publicUrl)
    warn(
      'PUBLIC_URL is not set in production: links in messages lead to this machine only.',
      'For example PUBLIC_URL=https://messages.example.org',
    );
  if (config.production && !config.secretKey)
    warn(
      'SECRET_KEY is not set in production: it is kept in DATA_DIR, which other machines do not share.',
      'Set it to the output of: openssl rand -hex 32',
    );
  if (config.production && !config.databaseUrl)
    warn(
      'DATABASE_URL is not set in production: the embedded PostgreSQL serves this machine only.',
      'Set DATABASE_URL to a PostgreSQL 15 or newer.',
    );
  if (config.deliveryMode === 'live' && !config.smtpUrl) {
    checks.push({
      name: 'configuration',
      status: 'failed',
      finding: 'DELIVERY_MODE is live and SMTP_URL is not set: e-mail cannot leave.',
      advice: 'For example SMTP_URL=smtp://user:pass@mail.example.org:587',
    });
  }
  if (checks.length === 0)
    checks.push({ name: 'configuration', status: 'ok', finding: `delivery ${config.deliveryMode}, role ${config.role}` });
  return checks;
}
