import { elementLabels, type Language } from '../../client/src/element/labels.js';
import type { TokenPickerLabels } from '../site/token.js';

export interface Labels {
  inboxOf(contact: string): string;
  cut: string;
  reconnect: string;
  secondWindow: string;
  noTokenTitle: string;
  noTokenText: string;
  replayed(count: number): string;
  log: string;
  logText: string;
  replayMark: string;
  startAfresh: string;
  language: string;
  connection: (typeof elementLabels)[Language]['connection'];
  picker: TokenPickerLabels;
}

const en: Labels = {
  inboxOf: (contact) => `Inbox of ${contact}`,
  cut: 'Cut the connection',
  reconnect: 'Reconnect',
  secondWindow: 'Second window',
  noTokenTitle: 'Whose inbox?',
  noTokenText: 'Choose or paste the token of a contact.',
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
  connection: elementLabels.en.connection,
  picker: { token: 'Contact', paste: 'Paste a token…', placeholder: 'Token of a contact', use: 'Use' },
};

const el: Labels = {
  inboxOf: (contact) => `Εισερχόμενα: ${contact}`,
  cut: 'Διακοπή σύνδεσης',
  reconnect: 'Επανασύνδεση',
  secondWindow: 'Δεύτερο παράθυρο',
  noTokenTitle: 'Ποιανού εισερχόμενα;',
  noTokenText: 'Επιλέξτε ή επικολλήστε το διακριτικό μιας επαφής.',
  replayed: (count) => (count === 0 ? 'Επανασύνδεση: δεν χάθηκε τίποτα.' : `Επανασύνδεση: αναπαράχθηκαν ${count} συμβάντα.`),
  log: 'Συμβάντα',
  logText: 'Όπως ήρθαν, τα νεότερα πρώτα.',
  replayMark: 'αναπαραγωγή',
  startAfresh: 'Νέα λίστα',
  language: 'Γλώσσα',
  connection: elementLabels.el.connection,
  picker: { token: 'Επαφή', paste: 'Επικόλληση διακριτικού…', placeholder: 'Διακριτικό επαφής', use: 'Χρήση' },
};

export const labelsOf: Record<Language, Labels> = { en, el };
