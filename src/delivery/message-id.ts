import { localId, publicId } from '../graphql/node.js';

/** The Message-ID of a communication: the same at every try, in the sender's domain (promises.md ML7). */
export function messageIdOf(communicationId: string, domain: string): string {
  return `<${publicId('Communication', communicationId)}@${domain}>`;
}

/** The communication that a Message-ID of ours belongs to. */
export function communicationOf(messageId: string | undefined): string | undefined {
  const name = /^<?([^@<>\s]+)@/.exec(messageId ?? '')?.[1];
  return name === undefined ? undefined : localId('Communication', name);
}
