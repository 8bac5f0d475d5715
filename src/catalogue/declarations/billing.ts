import { date, list, money, number, objectType, text } from './declare.js';

const amount = money('amount', ['Amount', 'Ποσό'], '45.5');
const outstanding = money('outstanding_amount', ['Outstanding amount', 'Οφειλόμενο ποσό'], '45.5');
const currency = text('currency', ['Currency', 'Νόμισμα'], 'EUR');
const state = (example: string) => text('state', ['State', 'Κατάσταση'], example);
const type = (example: string) => text('type', ['Type', 'Τύπος'], example);
const day = date('date', ['Date', 'Ημερομηνία'], '2027-03-15');

const billFields = [
  amount,
  outstanding,
  date('issue_date', ['Issue date', 'Ημερομηνία έκδοσης'], '2027-03-01'),
  date('due_date', ['Due date', 'Ημερομηνία λήξης'], '2027-03-31'),
  state('POSTED'),
];

export const billing = [
  objectType('subscription', ['Subscription', 'Συνδρομή'], 'SB000042', [
    type('Fibre 200'),
    text('billing_term_scheme', ['Billing term scheme', 'Σχήμα χρέωσης'], 'Normal'),
    state('ACTIVE'),
    list('services', ['Services', 'Υπηρεσίες'], 'Internet, Voice'),
    list('installed_items', ['Installed items', 'Εγκατεστημένες συσκευές'], 'Router X1'),
    outstanding,
    date('start_date', ['Start date', 'Ημερομηνία έναρξης'], '2026-01-15'),
  ]),
  objectType(
    'subscription_action',
    ['Subscription action', 'Ενέργεια συνδρομής'],
    'SA000007',
    [type('ACTIVATE'), state('COMPLETED'), day],
    ['subscription'],
  ),
  objectType('bill', ['Bill', 'Λογαριασμός'], 'BL000123', billFields),
  objectType('invoice', ['Invoice', 'Τιμολόγιο'], 'IN000123', billFields),
  objectType('wallet', ['Wallet', 'Πορτοφόλι'], 'WL000009', [
    currency,
    money('balance', ['Balance', 'Υπόλοιπο'], '20'),
    money('available_amount', ['Available amount', 'Διαθέσιμο ποσό'], '18'),
    date('estimated_consumption_date', ['Estimated consumption date', 'Εκτιμώμενη ημερομηνία ανάλωσης'], '2027-04-10'),
    money('product_available_amount', ['Available for products', 'Διαθέσιμο για προϊόντα'], '5'),
    date('product_estimated_consumption_date', ['Estimated consumption of products', 'Εκτιμώμενη ανάλωση προϊόντων'], '2027-04-05'),
    money('expiring_amount', ['Expiring amount', 'Ποσό που λήγει'], '3'),
    date('expires_on', ['Expires on', 'Λήγει στις'], '2027-04-30'),
  ]),
  objectType('wallet_transaction', ['Wallet transaction', 'Κίνηση πορτοφολιού'], 'WT000031', [type('SPEND'), amount, day], ['wallet']),
  objectType(
    'wallet_product_consumption',
    ['Wallet product consumption', 'Ανάλωση προϊόντος πορτοφολιού'],
    'WP000004',
    [text('product', ['Product', 'Προϊόν'], 'Film pack'), amount, number('quantity', ['Quantity', 'Ποσότητα'], '2'), day],
    ['wallet'],
  ),
  objectType('payment', ['Payment', 'Πληρωμή'], 'PY000311', [amount, day]),
  objectType('refund', ['Refund', 'Επιστροφή χρημάτων'], 'RF000008', [amount, day]),
  objectType('voucher', ['Voucher', 'Κουπόνι'], 'VC000071', [
    type('Top-up'),
    state('ACTIVE'),
    amount,
    date('expires_on', ['Expires on', 'Λήγει στις'], '2027-06-30'),
  ]),
  objectType(
    'buy_in_advance_request',
    ['Buy in advance request', 'Αίτημα προαγοράς'],
    'BA000002',
    [state('APPROVED'), amount, day],
    ['subscription'],
  ),
  objectType('payment_gateway_card', ['Payment card', 'Κάρτα πληρωμών'], 'PC000005', [
    text('card_holder_name', ['Card holder', 'Κάτοχος κάρτας'], 'E GEORGIOU'),
    text('last_four_digits', ['Last four digits', 'Τελευταία τέσσερα ψηφία'], '4242'),
    date('expires_on', ['Expires on', 'Λήγει στις'], '2029-08-31'),
  ]),
  objectType(
    'payment_gateway_request',
    ['Card payment request', 'Αίτημα πληρωμής με κάρτα'],
    'PR000019',
    [amount, state('APPROVED'), day],
    ['payment_gateway_card'],
  ),
];
