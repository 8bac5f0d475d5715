import { boolean, columns, date, dateTime, list, money, objectType, pseudoType, tableType, text } from './declare.js';
import { dynamicLinks } from './dynamic-links.js';

export const people = [
  tableType(
    'contact',
    ['Contact', 'Επαφή'],
    [
      columns.text('name', ['Name', 'Όνομα'], 'Eleni Georgiou'),
      columns.text('first_name', ['First name', 'Μικρό όνομα'], 'Eleni'),
      columns.text('last_name', ['Last name', 'Επώνυμο'], 'Georgiou'),
      columns.text('email', ['E-mail address', 'Διεύθυνση e-mail'], 'eleni@example.org'),
      columns.text('phone', ['Phone number', 'Αριθμός τηλεφώνου'], '+35722000000'),
      columns.locale('preferred_language', ['Preferred language', 'Προτιμώμενη γλώσσα'], 'el'),
      columns.timeZone('time_zone', ['Time zone', 'Ζώνη ώρας'], 'Europe/Nicosia'),
      columns.boolean('direct_marketing', ['May receive our marketing', 'Δέχεται δικές μας προσφορές'], 'true'),
      columns.boolean('affiliate_marketing', ["May receive partners' marketing", 'Δέχεται προσφορές συνεργατών'], 'false'),
      boolean('personal_data_consent', ['Consents to the use of personal data', 'Συναινεί στη χρήση προσωπικών δεδομένων'], 'true'),
    ],
    [],
  ),
  tableType(
    'account',
    ['Account', 'Λογαριασμός πελάτη'],
    [
      columns.text('number', ['Number', 'Αριθμός'], 'AR000680'),
      columns.text('name', ['Name', 'Όνομα'], 'Home'),
      columns.text('classification', ['Classification', 'Κατηγορία'], 'VIP'),
      columns.text('currency', ['Currency', 'Νόμισμα'], 'EUR'),
      columns.money('balance', ['Balance', 'Υπόλοιπο'], '45.5'),
      columns.money('outstanding_amount', ['Outstanding amount', 'Οφειλόμενο ποσό'], '120'),
    ],
    [
      { name: 'contact', to: 'contact', by: 'CONTACT' },
      { name: 'wallet', to: 'wallet', by: 'OWNED' },
      { name: 'parent', to: 'account', by: 'PARENT' },
    ],
  ),
  objectType('lead', ['Lead', 'Υποψήφιος πελάτης'], 'LD000012', [
    text('type', ['Type', 'Τύπος'], 'New connection'),
    text('state', ['State', 'Κατάσταση'], 'OPEN'),
    date('created_on', ['Created on', 'Δημιουργήθηκε στις'], '2027-03-01'),
  ]),
  objectType('access_token', ['Access token', 'Διακριτικό πρόσβασης'], 'AT000031', [
    text('identifier', ['Identifier', 'Αναγνωριστικό'], 'eleni.g'),
    text('state', ['State', 'Κατάσταση'], 'ACTIVE'),
    dateTime('expires_at', ['Expires at', 'Λήγει στις'], '2027-04-01T10:00:00.000Z'),
  ]),
  pseudoType(
    'date',
    ['Date', 'Ημερομηνία'],
    [date('today', ['Today', 'Σήμερα'], '2027-03-28'), dateTime('now', ['Now', 'Τώρα'], '2027-03-28T10:30:00.000Z')],
  ),
  pseudoType(
    'communication',
    ['This communication', 'Αυτή η επικοινωνία'],
    [text('number', ['Number', 'Αριθμός'], 'CM000680'), date('expires_on', ['Expires on', 'Λήγει στις'], '2027-04-30')],
  ),
  {
    ...pseudoType(
      'notification',
      ['Notification', 'Ειδοποίηση'],
      [
        text('number', ['Number', 'Αριθμός'], 'NT000042'),
        money('total_notified_amount', ['Total notified amount', 'Συνολικό ποσό ειδοποίησης'], '120'),
        list('subscriptions_notified_amount', ['Subscriptions and amounts', 'Συνδρομές και ποσά'], 'SB000042: €45.50'),
        list('bills_notified_amount', ['Bills and amounts', 'Λογαριασμοί και ποσά'], 'BL000123: €45.50'),
        list('wallets_available_amount', ['Available amount of wallets', 'Διαθέσιμο ποσό πορτοφολιών'], '€18.00'),
        list('wallets_product_available_amount', ['Available for products', 'Διαθέσιμο για προϊόντα'], '€5.00'),
        list('wallets_estimated_consumption_date', ['Estimated consumption of wallets', 'Εκτιμώμενη ανάλωση πορτοφολιών'], 'Apr 10, 2027'),
        list('subscriptions_type', ['Types of subscriptions', 'Τύποι συνδρομών'], 'Fibre 200'),
        list('jobs_type', ['Types of jobs', 'Τύποι εργασιών'], 'Installation'),
        list('activities_type', ['Types of activities', 'Τύποι δραστηριοτήτων'], 'Call back'),
      ],
    ),
    relations: [
      { name: 'account', to: 'account', by: 'ACCOUNT' },
      { name: 'contact', to: 'contact', by: 'CONTACT' },
    ] as const,
  },
  pseudoType('dynamic_link', ['Dynamic link', 'Δυναμικός σύνδεσμος'], dynamicLinks),
  pseudoType('param', ['Parameter', 'Παράμετρος'], [], true),
];
