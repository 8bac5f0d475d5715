import type { AccountInput, BusinessObjectInput, ContactInput } from '../../audience/crm.input.js';
import { britishPhone, email, fraction, person, pick, type Tongue, wholeNumber } from '../import/made-up.js';

/** One customer of the demo company, with all that its CRM knows of them. */
export interface Customer {
  contact: ContactInput;
  account: AccountInput;
  objects: BusinessObjectInput[];
}

export const customerCount = 500;

const dayMs = 86_400_000;

interface Product {
  type: string;
  services: string[];
  items: string[];
  /** In cents. */
  monthly: number;
}

const products: readonly Product[] = [
  { type: 'Fibre 200', services: ['Internet', 'Voice'], items: ['Router X1'], monthly: 2_990 },
  { type: 'Fibre 1000', services: ['Internet', 'Voice'], items: ['Router X2'], monthly: 4_490 },
  { type: 'TV Family', services: ['TV', 'Kids', 'Films'], items: ['Set-top box S4'], monthly: 1_990 },
  { type: 'TV Sports', services: ['TV', 'Football', 'Motor sports'], items: ['Set-top box S4'], monthly: 2_990 },
  { type: 'Mobile Plus', services: ['Mobile'], items: ['SIM card'], monthly: 1_500 },
];
const terms = ['Month-to-month', 'One year', 'Two years'];
const tiers = ['gold', 'silver', 'bronze'];

/** The whole company: the same people for ever, with dates counted from `today`. */
export function company(today: Date): Customer[] {
  return Array.from({ length: customerCount }, (_, index) => customer(index + 1, today));
}

/** Odd numbers are English and live by London's clock, even ones Greek and by that of Nicosia. */
function customer(place: number, today: Date): Customer {
  const digits = String(place).padStart(4, '0');
  const id = `C${digits}`;
  const tongue: Tongue = place % 2 === 0 ? 'el' : 'en';
  const bills = billsOf(digits, place, today);
  const owed = bills.reduce((sum, each) => sum + each.outstanding, 0);
  const account = `A${digits}`;
  return {
    contact: contactOf(id, place, tongue),
    account: {
      externalId: account,
      contact: id,
      number: `AR00${digits}`,
      name: tongue === 'el' ? 'Σπίτι' : 'Home',
      classification: place % 10 === 3 || place % 10 === 8 ? 'VIP' : 'Standard',
      currency: tongue === 'el' ? 'EUR' : 'GBP',
      balance: money(owed),
      outstandingAmount: money(owed),
    },
    objects: [...subscriptionsOf(digits, today), ...bills.map(({ object }) => object), walletOf(digits, tongue, today)].map((each) => ({
      ...each,
      account,
    })),
  };
}

function contactOf(id: string, place: number, tongue: Tongue): ContactInput {
  const { firstName, lastName } = person(id, tongue);
  return {
    externalId: id,
    name: `${firstName} ${lastName}`,
    firstName,
    lastName,
    preferredLanguage: tongue,
    timeZone: tongue === 'el' ? 'Europe/Nicosia' : 'Europe/London',
    // A few have no address, a few want no marketing: runs show them as skipped, with the reason.
    emails: place % 50 === 0 ? [] : [{ type: 'PRIMARY', address: email(id, tongue), primary: true }],
    phones: place % 45 === 0 ? [] : [{ type: 'MOBILE', number: britishPhone(id), primary: true }],
    directMarketing: place % 11 !== 0,
    affiliateMarketing: place % 7 !== 0,
    attributes: { tier: pick(tiers, id, 'tier') },
  };
}

/** One subscription, and for every third customer a second one to another product. */
function subscriptionsOf(digits: string, today: Date): BusinessObjectInput[] {
  const first = wholeNumber(0, products.length - 1, digits, 'product');
  const second = (first + 2) % products.length;
  const chosen = fraction(digits, 'second subscription') < 1 / 3 ? [first, second] : [first];
  return chosen.map((product, index) => {
    const { type, services, items } = products[product] ?? products[0] ?? { type: '', services: [], items: [] };
    const externalId = `S${digits}-${index + 1}`;
    return {
      type: 'subscription',
      externalId,
      number: `SB00${digits}${index + 1}`,
      fields: {
        type,
        services,
        installed_items: items,
        billing_term_scheme: pick(terms, externalId, 'term'),
        state: fraction(externalId, 'state') < 0.06 ? 'SUSPENDED' : 'ACTIVE',
        start_date: day(today, -wholeNumber(40, 1_500, externalId, 'start')),
      },
    };
  });
}

interface Bill {
  /** In cents. */
  outstanding: number;
  object: BusinessObjectInput;
}

/** Last month's bill and this month's: some of either are not paid yet, and some of those are overdue. */
function billsOf(digits: string, place: number, today: Date): Bill[] {
  const monthly = products[wholeNumber(0, products.length - 1, digits, 'product')]?.monthly ?? 0;
  const dueIn = wholeNumber(-8, 20, digits, 'due');
  const bill = (month: number, due: number, paid: boolean): Bill => {
    const amount = monthly + wholeNumber(0, 900, `${digits}-${month}`, 'usage');
    const outstanding = paid ? 0 : amount;
    const state = paid ? 'PAID' : due < 0 ? 'OVERDUE' : 'POSTED';
    const fields = {
      amount: money(amount),
      outstanding_amount: money(outstanding),
      issue_date: day(today, due - 21),
      due_date: day(today, due),
      state,
    };
    return { outstanding, object: { type: 'bill', externalId: `B${digits}-${month}`, number: `BL00${digits}${month}`, fields } };
  };
  return [bill(1, dueIn - 30, place % 12 !== 5), bill(2, dueIn, place % 3 !== 0)];
}

function walletOf(digits: string, tongue: Tongue, today: Date): BusinessObjectInput {
  const balance = wholeNumber(0, 5_000, digits, 'wallet');
  const available = Math.round(balance * 0.9);
  const consumed = wholeNumber(3, 40, digits, 'consumption');
  return {
    type: 'wallet',
    externalId: `W${digits}`,
    number: `WL00${digits}`,
    fields: {
      currency: tongue === 'el' ? 'EUR' : 'GBP',
      balance: money(balance),
      available_amount: money(available),
      estimated_consumption_date: day(today, consumed),
      product_available_amount: money(balance - available),
      product_estimated_consumption_date: day(today, Math.ceil(consumed / 2)),
      expiring_amount: money(Math.round(balance * 0.2)),
      expires_on: day(today, wholeNumber(5, 60, digits, 'expiry')),
    },
  };
}

function day(today: Date, distance: number): string {
  return new Date(today.getTime() + distance * dayMs).toISOString().slice(0, 10);
}

function money(cents: number): string {
  return (cents / 100).toFixed(2);
}
