import { resolveSrv } from 'node:dns/promises';
import { once } from 'node:events';
import { connect } from 'node:net';
import type { Config } from '../../config.js';
import type { Check } from './checks.js';
import { reasonOf } from './database.js';

const patienceMs = 5_000;

/** Whether the mail server answers at its address; nothing is said to it. */
export async function checkMail({ smtpUrl, deliveryMode }: Config): Promise<Check[]> {
  if (!smtpUrl) return [];
  const { hostname, port, protocol } = new URL(smtpUrl);
  const number = Number(port) || (protocol === 'smtps:' ? 465 : 587);
  const where = `${hostname}:${number}`;
  try {
    await reach(hostname, number);
    return [{ name: 'mail server', status: 'ok', finding: `${where} answers` }];
  } catch (error) {
    const finding = `${where} cannot be reached: ${reasonOf(error)}`;
    const status = deliveryMode === 'live' ? 'failed' : 'warning';
    return [{ name: 'mail server', status, finding, advice: 'Check SMTP_URL, and whether a firewall is between.' }];
  }
}

/** Whether one of the MongoDB servers answers at its address. Which of them leads is its driver's affair. */
export async function checkMongo({ mongodbUrl }: Config): Promise<Check[]> {
  if (!mongodbUrl) return [];
  const name = 'MongoDB';
  try {
    const answered = await Promise.any(
      (await mongoHosts(mongodbUrl)).map(async ([host, port]) => {
        await reach(host, port);
        return `${host}:${port}`;
      }),
    );
    return [{ name, status: 'ok', finding: `${answered} answers` }];
  } catch (error) {
    const advice = 'Check MONGODB_URL; without it the clocks are kept in PostgreSQL.';
    return [{ name, status: 'failed', finding: `cannot be reached: ${reasonOf(error)}`, advice }];
  }
}

/** `mongodb://user:pass@one:27017,two/name` names its hosts, `mongodb+srv://` a record that lists them. */
async function mongoHosts(url: string): Promise<[host: string, port: number][]> {
  const hosts = /^mongodb(?:\+srv)?:\/\/(?:[^@/]*@)?([^/?]+)/.exec(url)?.[1] ?? '';
  if (url.startsWith('mongodb+srv:')) return (await resolveSrv(`_mongodb._tcp.${hosts}`)).map(({ name, port }) => [name, port]);
  return hosts.split(',').map((each) => {
    const [, host = each, port] = /^(.*?)(?::(\d+))?$/.exec(each) ?? [];
    return [host.replace(/^\[|\]$/g, ''), Number(port ?? 27_017)];
  });
}

async function reach(host: string, port: number): Promise<void> {
  const socket = connect({ host, port, timeout: patienceMs });
  socket.once('timeout', () => socket.destroy(new Error(`no answer within ${patienceMs / 1000} s`)));
  try {
    await once(socket, 'connect');
  } finally {
    socket.destroy();
  }
}
