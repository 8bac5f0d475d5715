import { request } from '../../client/src/request.js';

export interface MessageSummary {
  id: string;
  medium: string;
  from: string | null;
  to: string;
  subject: string | null;
  receivedAt: string;
}
export interface Message extends MessageSummary {
  text: string | null;
  html: string | null;
  raw: string | null;
  headers: { name: string; value: string }[];
  communicationId: string | null;
}
export interface MessagePage {
  nodes: MessageSummary[];
  pageInfo: { hasNextPage: boolean; endCursor: string | null };
}

export const pageSize = 30;

export async function readPage(token: string, search: string, after?: string): Promise<MessagePage> {
  const query = `query Messages($first: Int, $after: String, $search: String) {
    sandboxMessages(first: $first, after: $after, search: $search) {
      nodes { id medium from to subject receivedAt }
      pageInfo { hasNextPage endCursor }
    }
  }`;
  const variables = { first: pageSize, after, search: search || undefined };
  return (await request<{ sandboxMessages: MessagePage }>('/graphql', token, { query, variables })).sandboxMessages;
}

export async function readMessage(token: string, id: string): Promise<Message | null> {
  const query = `query Message($id: ID!) {
    sandboxMessage(id: $id) { id medium from to subject text html raw headers { name value } receivedAt communicationId }
  }`;
  return (await request<{ sandboxMessage: Message | null }>('/graphql', token, { query, variables: { id } })).sandboxMessage;
}
