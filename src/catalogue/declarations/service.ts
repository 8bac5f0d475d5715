import { date, dateTime, money, number, objectType, text } from './declare.js';

const type = (example: string) => text('type', ['Type', 'Τύπος'], example);
const state = (example: string) => text('state', ['State', 'Κατάσταση'], example);
const day = date('date', ['Date', 'Ημερομηνία'], '2027-03-15');

export const service = [
  objectType('job', ['Job', 'Εργασία'], 'JB000044', [
    type('Installation'),
    state('SCHEDULED'),
    date('scheduled_on', ['Scheduled on', 'Προγραμματισμένη για'], '2027-04-02'),
    money('amount', ['Amount', 'Ποσό'], '35'),
  ]),
  objectType('activity', ['Activity', 'Δραστηριότητα'], 'AC000101', [
    type('Call back'),
    state('PENDING'),
    date('due_date', ['Due date', 'Προθεσμία'], '2027-04-02'),
  ]),
  objectType('service_request', ['Service request', 'Αίτημα εξυπηρέτησης'], 'SR000077', [
    type('Technical issue'),
    text('status', ['Status', 'Στάδιο'], 'Resolved'),
    text('response_description', ['Response', 'Απάντηση'], 'The line was repaired.'),
    text('responded_by', ['Responded by', 'Απαντήθηκε από'], 'Support'),
    date('response_date', ['Response date', 'Ημερομηνία απάντησης'], '2027-03-20'),
    dateTime('response_accepted_at', ['Response accepted at', 'Αποδοχή της απάντησης στις'], '2027-03-21T08:00:00.000Z'),
    text('response_accepted_by', ['Response accepted by', 'Αποδοχή της απάντησης από'], 'Eleni Georgiou'),
    dateTime(
      'temporary_resolution_accepted_at',
      ['Temporary solution accepted at', 'Αποδοχή της προσωρινής λύσης στις'],
      '2027-03-21T08:00:00.000Z',
    ),
    text('temporary_resolution_accepted_by', ['Temporary solution accepted by', 'Αποδοχή της προσωρινής λύσης από'], 'Eleni Georgiou'),
    dateTime('final_resolution_accepted_at', ['Solution accepted at', 'Αποδοχή της λύσης στις'], '2027-03-22T08:00:00.000Z'),
    text('final_resolution_accepted_by', ['Solution accepted by', 'Αποδοχή της λύσης από'], 'Eleni Georgiou'),
  ]),
];

export const rewards = [
  objectType('rewards_participant', ['Rewards participant', 'Συμμετέχων στις επιβραβεύσεις'], 'RP000063', [
    date('sign_up_on', ['Signed up on', 'Εγγράφηκε στις'], '2026-05-04'),
    text('sign_up_by_unit', ['Signed up by', 'Εγγράφηκε από'], 'Nicosia store'),
    text('scheme', ['Reward scheme', 'Σχήμα επιβράβευσης'], 'Points'),
  ]),
  objectType(
    'award_reward_transaction',
    ['Reward award', 'Απονομή επιβράβευσης'],
    'RA000210',
    [text('offer', ['Offer', 'Προσφορά'], 'Summer points'), day, money('amount', ['Amount', 'Ποσό'], '5')],
    ['rewards_participant'],
  ),
  objectType(
    'spend_reward_transaction',
    ['Reward spend', 'Εξαργύρωση επιβράβευσης'],
    'RS000087',
    [money('total_amount', ['Total amount', 'Συνολικό ποσό'], '12'), day, text('unit', ['Unit', 'Μονάδα'], 'Nicosia store')],
    ['rewards_participant'],
  ),
  objectType(
    'award_expiration_transaction',
    ['Expired reward', 'Λήξη επιβράβευσης'],
    'RX000015',
    [text('offer', ['Offer', 'Προσφορά'], 'Summer points'), day, money('amount', ['Amount', 'Ποσό'], '5')],
    ['rewards_participant'],
  ),
  objectType('reward_scheme', ['Reward scheme', 'Σχήμα επιβράβευσης'], 'RS000002', [
    text('name', ['Name', 'Όνομα'], 'Points'),
    state('EFFECTIVE'),
  ]),
  // An offer as it stands for one participant: the same number for all of them, the progress of each.
  objectType(
    'reward_offer',
    ['Reward offer', 'Προσφορά επιβράβευσης'],
    'RO000003',
    [
      text('name', ['Name', 'Όνομα'], 'Summer points'),
      type('Points'),
      text('classification', ['Classification', 'Κατηγορία'], 'Seasonal'),
      text('scheme', ['Reward scheme', 'Σχήμα επιβράβευσης'], 'Points'),
      state('EFFECTIVE'),
      date('valid_from', ['Valid from', 'Ισχύει από'], '2027-06-01'),
      date('valid_to', ['Valid to', 'Ισχύει έως'], '2027-08-31'),
      text('progress_class', ['Progress is counted in', 'Η πρόοδος μετράται σε'], 'AMOUNT'),
      money('missing_amount', ['Amount still missing', 'Ποσό που λείπει'], '15'),
      number('missing_transactions', ['Transactions still missing', 'Συναλλαγές που λείπουν'], '2'),
      number('missing_items', ['Items still missing', 'Είδη που λείπουν'], '1'),
    ],
    ['rewards_participant'],
  ),
];
