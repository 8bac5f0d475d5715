import type { ConnectionState } from '../client.js';
import type { EntryState } from '../operations.js';

export type Language = 'en' | 'el';

/** Everything that the element says. Another language is another set of these, given to the element's `labels`. */
export interface ElementLabels {
  inbox: string;
  pending: string;
  unviewed: string;
  completeAll: string;
  viewAll: string;
  complete: string;
  remove: string;
  viewed: string;
  notViewed: string;
  expires(when: string): string;
  offline: string;
  retry(seconds: number): string;
  refused: string;
  emptyTitle: string;
  emptyText: string;
  connection: Record<ConnectionState, string>;
  state: Record<EntryState, string>;
}

const en: ElementLabels = {
  inbox: 'Inbox',
  pending: 'waiting',
  unviewed: 'not viewed',
  completeAll: 'Complete all',
  viewAll: 'Mark all viewed',
  complete: 'Mark completed',
  remove: 'Remove',
  viewed: 'Viewed',
  notViewed: 'Not viewed yet',
  expires: (when) => `Until ${when}`,
  offline: 'The connection is cut. Go on working: what you do is kept, and what happens elsewhere is replayed when you reconnect.',
  retry: (seconds) => `The connection is lost. Next attempt in ${seconds} s.`,
  refused: 'The token is no longer valid.',
  emptyTitle: 'Nothing here',
  emptyText: 'New messages appear by themselves.',
  connection: { connecting: 'Connecting', replaying: 'Replaying', live: 'Live', offline: 'Offline', refused: 'Refused' },
  state: { DRAFT: 'Draft', PENDING: 'Waiting', COMPLETED: 'Completed', REJECTED: 'Rejected', COMPLETED_AND_REMOVED: 'Removed' },
};

const el: ElementLabels = {
  inbox: 'Εισερχόμενα',
  pending: 'σε αναμονή',
  unviewed: 'μη αναγνωσμένα',
  completeAll: 'Ολοκλήρωση όλων',
  viewAll: 'Σήμανση όλων ως αναγνωσμένων',
  complete: 'Ολοκλήρωση',
  remove: 'Αφαίρεση',
  viewed: 'Αναγνωσμένο',
  notViewed: 'Μη αναγνωσμένο',
  expires: (when) => `Έως ${when}`,
  offline:
    'Η σύνδεση έχει διακοπεί. Συνεχίστε κανονικά: οι ενέργειές σας φυλάσσονται και όσα συμβαίνουν αλλού θα αναπαραχθούν μόλις επανασυνδεθείτε.',
  retry: (seconds) => `Η σύνδεση χάθηκε. Νέα προσπάθεια σε ${seconds} δ.`,
  refused: 'Το διακριτικό δεν ισχύει πλέον.',
  emptyTitle: 'Κανένα μήνυμα',
  emptyText: 'Τα νέα μηνύματα εμφανίζονται από μόνα τους.',
  connection: { connecting: 'Σύνδεση…', replaying: 'Αναπαραγωγή', live: 'Ζωντανά', offline: 'Εκτός σύνδεσης', refused: 'Δεν επιτρέπεται' },
  state: {
    DRAFT: 'Πρόχειρο',
    PENDING: 'Σε αναμονή',
    COMPLETED: 'Ολοκληρωμένο',
    REJECTED: 'Απορρίφθηκε',
    COMPLETED_AND_REMOVED: 'Αφαιρέθηκε',
  },
};

export const elementLabels: Record<Language, ElementLabels> = { en, el };

/** The set for a language tag; English where there is none. */
export function languageOf(tag: string): Language {
  return tag.toLowerCase().startsWith('el') ? 'el' : 'en';
}
