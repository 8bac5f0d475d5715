/** What a printed page says beside what it prints. */
export interface PrintWords {
  to: string;
  from: string;
  number: string;
  attachments: string;
  draft: string;
  preview: string;
}

const words: Record<string, PrintWords> = {
  en: { to: 'To', from: 'From', number: 'Number', attachments: 'Attachments', draft: 'Draft', preview: 'Preview' },
  el: { to: 'Προς', from: 'Από', number: 'Αριθμός', attachments: 'Συνημμένα', draft: 'Πρόχειρο', preview: 'Προεπισκόπηση' },
};

/** In the language, else in its base, else in English. */
export function printWords(language: string): PrintWords {
  const lower = language.toLowerCase();
  return words[lower] ?? words[lower.split('-')[0] ?? ''] ?? (words['en'] as PrintWords);
}
