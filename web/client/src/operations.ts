export type EntryState = 'DRAFT' | 'PENDING' | 'COMPLETED' | 'REJECTED' | 'COMPLETED_AND_REMOVED';

/** A queue entry as an inbox shows it. */
export interface InboxEntry {
  id: string;
  medium: string;
  state: EntryState;
  subject: string | null;
  body: string;
  viewedAt: string | null;
  createdAt: string;
  expiresAt: string | null;
}

export type InboxEventKind = 'ADDED' | 'CHANGED' | 'REMOVED' | 'RESYNC' | 'SYNCED';
export interface InboxEvent {
  kind: InboxEventKind;
  cursor: string;
  entryId: string | null;
  entry: InboxEntry | null;
  pendingCount: number;
  unviewedCount: number;
}

export interface InboxSource {
  /** Only for a token that is not the contact's own. */
  contactExternalId?: string | undefined;
  after?: string | undefined;
}

/** `after` is left out, not null, where there is no cursor: the server then begins with a listing. */
export function inboxChanged(source: InboxSource) {
  return {
    query: `subscription InboxChanged($contactExternalId: String, $after: String) {
      inboxChanged(contactExternalId: $contactExternalId, after: $after) {
        kind cursor entryId pendingCount unviewedCount
        entry { id medium state subject body viewedAt createdAt expiresAt }
      }
    }`,
    variables: { ...source },
  };
}

/** The files of an entry: whoever works there sees its communication under the same id. */
export interface EntryFiles {
  node: { attachments?: AttachedFile[]; communication?: { attachments: AttachedFile[] } } | null;
}

export interface AttachedFile {
  id: string;
  type: string;
  /** A path on the server, good for ten minutes. */
  url: string;
}

export function entryFiles(id: string) {
  return {
    query: `query EntryFiles($id: ID!) {
      node(id: $id) {
        ... on QueueEntry { communication { attachments { id type url } } }
        ... on Communication { attachments { id type url } }
      }
    }`,
    variables: { id },
  };
}

/** What a reader does with an entry. */
export type Verb = 'view' | 'complete' | 'remove';

export interface SettleOutcome {
  results: { id: string; error: { code: string; message: string } | null }[];
}

const mutations: Record<Verb, string> = {
  view: 'mutation View($ids: [ID!]!) { outcome: viewQueueEntries(input: { ids: $ids }) { results { id error { code message } } } }',
  complete:
    'mutation Complete($entries: [SettleEntryInput!]!) { outcome: completeQueueEntries(input: { entries: $entries }) { results { id error { code message } } } }',
  remove:
    'mutation Remove($entries: [SettleEntryInput!]!) { outcome: removeQueueEntries(input: { entries: $entries }) { results { id error { code message } } } }',
};

export function settleOperation(verb: Verb, ids: string[]) {
  const variables = verb === 'view' ? { ids } : { entries: ids.map((id) => ({ id })) };
  return { query: mutations[verb], variables };
}
