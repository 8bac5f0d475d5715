import type { DynamicLinkAction } from '../settings/dynamic-links.js';

/** What the page of a link says about its action. `{sender}` is the company. */
interface ActionWords {
  readonly title: string;
  readonly text: string;
  readonly button: string;
  readonly done: string;
}

interface Message {
  readonly title: string;
  readonly text: string;
}

export interface PageWords {
  readonly actions: Readonly<Record<DynamicLinkAction, ActionWords>>;
  readonly forWhom: string;
  readonly request: string;
  readonly response: string;
  readonly by: string;
  readonly on: string;
  readonly done: string;
  readonly preview: string;
  readonly invalid: Message;
  readonly expired: Message;
  readonly gone: Message;
  readonly unknown: Message;
  readonly tooMany: Message;
  readonly unavailable: Message;
}

const en: PageWords = {
  actions: {
    OPT_IN_DIRECT_MARKETING: {
      title: 'Receive our offers',
      text: '{sender} will send you news and offers of its own. You can unsubscribe at any time.',
      button: 'Subscribe',
      done: 'You are subscribed to news and offers of {sender}.',
    },
    OPT_OUT_DIRECT_MARKETING: {
      title: 'Unsubscribe from our offers',
      text: '{sender} will send you no more news and offers of its own. Bills and messages about your services still reach you.',
      button: 'Unsubscribe',
      done: 'You are unsubscribed from news and offers of {sender}.',
    },
    OPT_IN_AFFILIATE_MARKETING: {
      title: 'Receive partners’ offers',
      text: '{sender} will send you offers of its partners. You can unsubscribe at any time.',
      button: 'Subscribe',
      done: 'You are subscribed to offers of partners of {sender}.',
    },
    OPT_OUT_AFFILIATE_MARKETING: {
      title: 'Unsubscribe from partners’ offers',
      text: '{sender} will send you no more offers of its partners. Everything else stays as it is.',
      button: 'Unsubscribe',
      done: 'You are unsubscribed from offers of partners of {sender}.',
    },
    SERVICE_REQUEST_RESPONSE_ACCEPTANCE: {
      title: 'Accept our response',
      text: 'This is our response to your request. If you agree, please accept it.',
      button: 'Accept the response',
      done: 'Thank you. You have accepted our response.',
    },
    SERVICE_REQUEST_TEMPORARY_RESOLUTION_ACCEPTANCE: {
      title: 'Accept the temporary solution',
      text: 'If the temporary solution works for you, please accept it. We go on working on a lasting one.',
      button: 'Accept the temporary solution',
      done: 'Thank you. You have accepted the temporary solution.',
    },
    SERVICE_REQUEST_FINAL_RESOLUTION_ACCEPTANCE: {
      title: 'Accept the solution',
      text: 'If your request is solved, please accept the solution.',
      button: 'Accept the solution',
      done: 'Thank you. You have accepted the solution.',
    },
    CONTACT_CONSENT_ACCEPTANCE: {
      title: 'Use of your personal data',
      text: 'You allow {sender} to keep and use your personal data. You can take this back at any time.',
      button: 'I consent',
      done: 'Thank you. Your consent is recorded.',
    },
    CONTACT_CONSENT_REJECTION: {
      title: 'Use of your personal data',
      text: 'You do not allow {sender} to keep and use your personal data beyond what the law requires.',
      button: 'I do not consent',
      done: 'Your choice is recorded: you do not consent.',
    },
  },
  forWhom: 'For',
  request: 'Request',
  response: 'Response',
  by: 'By',
  on: 'On',
  done: 'Done',
  preview: 'This is a preview or a test. The link in the real message works; this one changes nothing.',
  invalid: {
    title: 'This link does not work',
    text: 'It is incomplete or was changed on the way. Please open it again from the message. Nothing has been changed.',
  },
  expired: { title: 'This link has expired', text: 'It worked for a limited time only. Nothing has been changed.' },
  gone: { title: 'There is nothing to confirm any more', text: 'What this link was about is no longer there. Nothing has been changed.' },
  unknown: { title: 'This link leads nowhere', text: 'It is incomplete or no longer known. Please open it again from the message.' },
  tooMany: { title: 'Please wait a moment', text: 'Too many links that do not work were opened from here. Try again in a minute.' },
  unavailable: { title: 'Please try again shortly', text: 'We cannot do this at the moment. Nothing has been changed.' },
};

const el: PageWords = {
  actions: {
    OPT_IN_DIRECT_MARKETING: {
      title: 'Λήψη προσφορών μας',
      text: 'Η {sender} θα σας στέλνει νέα και προσφορές της. Μπορείτε να διαγραφείτε οποτεδήποτε.',
      button: 'Εγγραφή',
      done: 'Έχετε εγγραφεί στα νέα και τις προσφορές της {sender}.',
    },
    OPT_OUT_DIRECT_MARKETING: {
      title: 'Διαγραφή από τις προσφορές μας',
      text: 'Η {sender} δεν θα σας στέλνει άλλα νέα και προσφορές της. Οι λογαριασμοί και τα μηνύματα για τις υπηρεσίες σας θα έρχονται κανονικά.',
      button: 'Διαγραφή',
      done: 'Έχετε διαγραφεί από τα νέα και τις προσφορές της {sender}.',
    },
    OPT_IN_AFFILIATE_MARKETING: {
      title: 'Λήψη προσφορών συνεργατών',
      text: 'Η {sender} θα σας στέλνει προσφορές των συνεργατών της. Μπορείτε να διαγραφείτε οποτεδήποτε.',
      button: 'Εγγραφή',
      done: 'Έχετε εγγραφεί στις προσφορές συνεργατών της {sender}.',
    },
    OPT_OUT_AFFILIATE_MARKETING: {
      title: 'Διαγραφή από τις προσφορές συνεργατών',
      text: 'Η {sender} δεν θα σας στέλνει άλλες προσφορές των συνεργατών της. Όλα τα άλλα μένουν ως έχουν.',
      button: 'Διαγραφή',
      done: 'Έχετε διαγραφεί από τις προσφορές συνεργατών της {sender}.',
    },
    SERVICE_REQUEST_RESPONSE_ACCEPTANCE: {
      title: 'Αποδοχή της απάντησής μας',
      text: 'Αυτή είναι η απάντησή μας στο αίτημά σας. Αν συμφωνείτε, παρακαλούμε αποδεχτείτε την.',
      button: 'Αποδοχή της απάντησης',
      done: 'Ευχαριστούμε. Έχετε αποδεχτεί την απάντησή μας.',
    },
    SERVICE_REQUEST_TEMPORARY_RESOLUTION_ACCEPTANCE: {
      title: 'Αποδοχή της προσωρινής λύσης',
      text: 'Αν η προσωρινή λύση σας εξυπηρετεί, παρακαλούμε αποδεχτείτε την. Συνεχίζουμε να εργαζόμαστε για μια μόνιμη.',
      button: 'Αποδοχή της προσωρινής λύσης',
      done: 'Ευχαριστούμε. Έχετε αποδεχτεί την προσωρινή λύση.',
    },
    SERVICE_REQUEST_FINAL_RESOLUTION_ACCEPTANCE: {
      title: 'Αποδοχή της λύσης',
      text: 'Αν το αίτημά σας λύθηκε, παρακαλούμε αποδεχτείτε τη λύση.',
      button: 'Αποδοχή της λύσης',
      done: 'Ευχαριστούμε. Έχετε αποδεχτεί τη λύση.',
    },
    CONTACT_CONSENT_ACCEPTANCE: {
      title: 'Χρήση των προσωπικών σας δεδομένων',
      text: 'Επιτρέπετε στην {sender} να διατηρεί και να χρησιμοποιεί τα προσωπικά σας δεδομένα. Μπορείτε να το ανακαλέσετε οποτεδήποτε.',
      button: 'Συναινώ',
      done: 'Ευχαριστούμε. Η συναίνεσή σας καταγράφηκε.',
    },
    CONTACT_CONSENT_REJECTION: {
      title: 'Χρήση των προσωπικών σας δεδομένων',
      text: 'Δεν επιτρέπετε στην {sender} να διατηρεί και να χρησιμοποιεί τα προσωπικά σας δεδομένα πέρα από όσα ορίζει ο νόμος.',
      button: 'Δεν συναινώ',
      done: 'Η επιλογή σας καταγράφηκε: δεν συναινείτε.',
    },
  },
  forWhom: 'Για',
  request: 'Αίτημα',
  response: 'Απάντηση',
  by: 'Από',
  on: 'Στις',
  done: 'Έγινε',
  preview: 'Αυτή είναι προεπισκόπηση ή δοκιμή. Ο σύνδεσμος του πραγματικού μηνύματος λειτουργεί· αυτός δεν αλλάζει τίποτα.',
  invalid: {
    title: 'Ο σύνδεσμος δεν λειτουργεί',
    text: 'Είναι ελλιπής ή άλλαξε στη διαδρομή. Ανοίξτε τον ξανά από το μήνυμα. Τίποτα δεν άλλαξε.',
  },
  expired: { title: 'Ο σύνδεσμος έληξε', text: 'Ίσχυε για περιορισμένο χρόνο. Τίποτα δεν άλλαξε.' },
  gone: { title: 'Δεν υπάρχει πια κάτι να επιβεβαιώσετε', text: 'Αυτό που αφορούσε ο σύνδεσμος δεν υπάρχει πια. Τίποτα δεν άλλαξε.' },
  unknown: { title: 'Ο σύνδεσμος δεν οδηγεί πουθενά', text: 'Είναι ελλιπής ή δεν είναι πια γνωστός. Ανοίξτε τον ξανά από το μήνυμα.' },
  tooMany: { title: 'Περιμένετε λίγο', text: 'Ανοίχτηκαν από εδώ πολλοί σύνδεσμοι που δεν λειτουργούν. Δοκιμάστε ξανά σε ένα λεπτό.' },
  unavailable: { title: 'Δοκιμάστε ξανά σε λίγο', text: 'Δεν μπορούμε να το κάνουμε αυτή τη στιγμή. Τίποτα δεν άλλαξε.' },
};

const spoken: Readonly<Record<string, PageWords>> = { en, el };

/** Our words in the first of these languages that we speak, else in English. */
export function pageWords(languages: readonly (string | null | undefined)[]): { language: string; words: PageWords } {
  for (const each of languages) {
    const language = (each ?? '').toLowerCase().split('-')[0] ?? '';
    const words = Object.hasOwn(spoken, language) ? spoken[language] : undefined;
    if (words) return { language, words };
  }
  return { language: 'en', words: en };
}

/** What a browser asks for, best first. */
export function acceptedLanguages(header: string | undefined): string[] {
  const weighed = (header ?? '')
    .slice(0, 500)
    .split(',')
    .map((part) => {
      const [language = '', quality] = part.split(';');
      return { language: language.trim(), weight: Number(/q=([\d.]+)/.exec(quality ?? '')?.[1] ?? 1) };
    });
  return weighed.toSorted((a, b) => b.weight - a.weight).map((each) => each.language);
}
