import type { EventDeclaration } from '../types.js';

/** English, Greek. */
type Named = readonly [name: string, en: string, el: string];

const event = ([name, en, el]: Named): EventDeclaration => ({ name, label: { en, el } });

/** What happens to objects of every type. Upserts imply these by themselves. */
export const standardEvents: readonly EventDeclaration[] = (
  [
    ['created', 'Created', 'Δημιουργήθηκε'],
    ['updated', 'Updated', 'Ενημερώθηκε'],
    ['state_changed', 'State changed', 'Άλλαξε κατάσταση'],
  ] as const
).map(event);

const posted: Named = ['posted', 'Posted', 'Καταχωρίστηκε'];
const cancelled: Named = ['cancelled', 'Cancelled', 'Ακυρώθηκε'];
const completed: Named = ['completed', 'Completed', 'Ολοκληρώθηκε'];
const closed: Named = ['closed', 'Closed', 'Έκλεισε'];

const named: Readonly<Record<string, readonly Named[]>> = {
  contact: [
    ['portal_registered', 'Registered on the portal', 'Εγγράφηκε στην πύλη'],
    ['password_reset_requested', 'Asked for a new password', 'Ζήτησε νέο κωδικό'],
  ],
  account: [
    ['order_placed', 'Placed an order', 'Έκανε παραγγελία'],
    ['credit_limit_reached', 'Reached the credit limit', 'Έφτασε το πιστωτικό όριο'],
  ],
  lead: [['converted', 'Became a customer', 'Έγινε πελάτης'], closed],
  subscription: [
    ['activated', 'Activated', 'Ενεργοποιήθηκε'],
    ['deactivated', 'Deactivated', 'Απενεργοποιήθηκε'],
    ['renewed', 'Renewed', 'Ανανεώθηκε'],
    cancelled,
  ],
  bill: [posted, ['overdue', 'Overdue', 'Εκπρόθεσμος'], ['settled', 'Settled', 'Εξοφλήθηκε']],
  invoice: [posted, cancelled],
  payment: [posted, cancelled, ['failed', 'Failed', 'Απέτυχε']],
  refund: [posted, cancelled],
  wallet: [
    ['credited', 'Credited', 'Πιστώθηκε'],
    ['spent', 'Spent', 'Χρεώθηκε'],
  ],
  voucher: [
    ['redeemed', 'Redeemed', 'Εξαργυρώθηκε'],
    ['expired', 'Expired', 'Έληξε'],
  ],
  job: [completed, cancelled],
  activity: [completed, cancelled],
  service_request: [['responded', 'Got a response', 'Έλαβε απάντηση'], ['resolved', 'Resolved', 'Επιλύθηκε'], closed],
  rewards_participant: [['signed_up', 'Signed up to a reward scheme', 'Εγγράφηκε σε σχήμα επιβράβευσης']],
  award_reward_transaction: [['awarded', 'Awarded', 'Απονεμήθηκε']],
  spend_reward_transaction: [['spent', 'Spent', 'Εξαργυρώθηκε']],
  award_expiration_transaction: [['expired', 'Expired', 'Έληξε']],
};

/** What else happens to objects of a built-in type (E15); the CRM records it. */
export function namedEvents(type: string): readonly EventDeclaration[] {
  // Operators name their types as they like: `constructor` is none of these.
  return (Object.hasOwn(named, type) ? (named[type] ?? []) : []).map(event);
}
