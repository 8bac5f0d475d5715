import type { TokenPickerLabels } from '../site/token.js';
import type { ConnectionState } from './client.js';
import type { EntryState } from './operations.js';

export type Language = 'en' | 'el';

export interface Labels {
  inboxOf(contact: string): string;
  inbox: string;
  pending: string;
  unviewed: string;
  completeAll: string;
  complete: string;
  remove: string;
  show: string;
  viewed: string;
  notViewed: string;
  expires(when: string): string;
  cut: string;
  reconnect: string;
  secondWindow: string;
  cutNotice: string;
  retryNotice(seconds: number): string;
  refusedNotice: string;
  noTokenTitle: string;
  noTokenText: string;
  emptyTitle: string;
  emptyText: string;
  replayed(count: number): string;
  log: string;
  logText: string;
  replayMark: string;
  startAfresh: string;
  language: string;
  connection: Record<ConnectionState, string>;
  state: Record<EntryState, string>;
  picker: TokenPickerLabels;
}

const en: Labels = {
  inboxOf: (contact) => `Inbox of ${contact}`,
  inbox: 'Inbox',
  pending: 'waiting',
  unviewed: 'not viewed',
  completeAll: 'Complete all',
  complete: 'Mark completed',
  remove: 'Remove',
  show: 'Show the message',
  viewed: 'Viewed',
  notViewed: 'Not viewed yet',
  expires: (when) => `Until ${when}`,
  cut: 'Cut the connection',
  reconnect: 'Reconnect',
  secondWindow: 'Second window',
  cutNotice: 'The connection is cut. Go on working: what you do is kept, and what happens elsewhere is replayed when you reconnect.',
  retryNotice: (seconds) => `The connection is lost. Next attempt in ${seconds} s.`,
  refusedNotice: 'The token is no longer valid. Choose or paste another one.',
  noTokenTitle: 'Whose inbox?',
  noTokenText: 'Choose or paste the token of a contact.',
  emptyTitle: 'Nothing here',
  emptyText: 'New messages appear by themselves.',
  replayed: (count) =>
    count === 0
      ? 'Reconnected: nothing was missed.'
      : count === 1
        ? 'Reconnected: 1 missed event replayed.'
        : `Reconnected: ${count} missed events replayed.`,
  log: 'Events',
  logText: 'As they came over the wire, newest first.',
  replayMark: 'replay',
  startAfresh: 'List afresh',
  language: 'Language',
  connection: { connecting: 'Connecting', replaying: 'Replaying', live: 'Live', offline: 'Offline', refused: 'Refused' },
  state: { DRAFT: 'Draft', PENDING: 'Waiting', COMPLETED: 'Completed', REJECTED: 'Rejected', COMPLETED_AND_REMOVED: 'Removed' },
  picker: { token: 'Contact', paste: 'Paste a token…', placeholder: 'Token of a contact', use: 'Use' },
};

const el: Labels = {
  inboxOf: (contact) => `Εισερχόμενα: ${contact}`,
  inbox: 'Εισερχόμενα',
  pending: 'σε αναμονή',
  unviewed: 'μη αναγνωσμένα',
  completeAll: 'Ολοκλήρωση όλων',
  complete: 'Ολοκλήρωση',
  remove: 'Αφαίρεση',
  show: 'Εμφάνιση μηνύματος',
  viewed: 'Αναγνωσμένο',
  notViewed: 'Μη αναγνωσμένο',
  expires: (when) => `Έως ${when}`,
  cut: 'Διακοπή σύνδεσης',
  reconnect: 'Επανασύνδεση',
  secondWindow: 'Δεύτερο παράθυρο',
  cutNotice:
    'Η σύνδεση έχει διακοπεί. Συνεχίστε κανονικά: οι ενέργειές σας φυλάσσονται και όσα συμβαίνουν αλλού θα αναπαραχθούν μόλις επανασυνδεθείτε.',
  retryNotice: (seconds) => `Η σύνδεση χάθηκε. Νέα προσπάθεια σε ${seconds} δ.`,
  refusedNotice: 'Το διακριτικό δεν ισχύει πλέον. Επιλέξτε ή επικολλήστε άλλο.',
  noTokenTitle: 'Ποιανού εισερχόμενα;',
  noTokenText: 'Επιλέξτε ή επικολλήστε το διακριτικό μιας επαφής.',
  emptyTitle: 'Κανένα μήνυμα',
  emptyText: 'Τα νέα μηνύματα εμφανίζονται από μόνα τους.',
  replayed: (count) => (count === 0 ? 'Επανασύνδεση: δεν χάθηκε τίποτα.' : `Επανασύνδεση: αναπαράχθηκαν ${count} συμβάντα.`),
  log: 'Συμβάντα',
  logText: 'Όπως ήρθαν, τα νεότερα πρώτα.',
  replayMark: 'αναπαραγωγή',
  startAfresh: 'Νέα λίστα',
  language: 'Γλώσσα',
  connection: { connecting: 'Σύνδεση…', replaying: 'Αναπαραγωγή', live: 'Ζωντανά', offline: 'Εκτός σύνδεσης', refused: 'Δεν επιτρέπεται' },
  state: {
    DRAFT: 'Πρόχειρο',
    PENDING: 'Σε αναμονή',
    COMPLETED: 'Ολοκληρωμένο',
    REJECTED: 'Απορρίφθηκε',
    COMPLETED_AND_REMOVED: 'Αφαιρέθηκε',
  },
  picker: { token: 'Επαφή', paste: 'Επικόλληση διακριτικού…', placeholder: 'Διακριτικό επαφής', use: 'Χρήση' },
};

export const labelsOf: Record<Language, Labels> = { en, el };
