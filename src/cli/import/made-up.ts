import { createHash } from 'node:crypto';

/*
 * People who do not exist. All of it follows from a seed alone: the same seed gives the same person in every import. Addresses
 * are in domains that RFC 2606 reserves, phones in ranges kept for fiction (NANP 555-01xx, Ofcom's 07700 900xxx): nothing that
 * is sent by mistake reaches anybody.
 */

export type Tongue = 'en' | 'el';
export type Gender = 'female' | 'male';

interface Name {
  text: string;
  /** As it stands in an e-mail address. */
  latin: string;
}

export interface Person {
  firstName: string;
  lastName: string;
  /** `maria.georgiou`. */
  latin: string;
}

const plain = (names: string): Name[] => names.split(' ').map((text) => ({ text, latin: text.toLowerCase() }));
const paired = (names: string): Name[] =>
  names.split(' ').map((each) => {
    const [text = '', latin = ''] = each.split('=');
    return { text, latin };
  });

const firstNames: Record<Tongue, Record<Gender, Name[]>> = {
  en: {
    female: plain(
      'Alice Amelia Beatrice Charlotte Chloe Daisy Edith Eleanor Ella Emily Emma Florence Freya Grace Hannah Harriet Imogen Isla Ivy Jessica Julia Kate Lily Lucy Mabel Martha Matilda Mia Nora Olivia Phoebe Rose Ruby Sophie Violet Willow',
    ),
    male: plain(
      'Adam Albert Alfie Arthur Benjamin Charles Daniel David Edward Ethan Felix Finley Frederick George Harry Henry Hugo Isaac Jack Jacob James Joseph Leo Louis Lucas Max Noah Oliver Oscar Reuben Samuel Sebastian Theodore Thomas Toby William',
    ),
  },
  el: {
    female: paired(
      'Άννα=anna Αγγελική=angeliki Αθηνά=athina Αικατερίνη=ekaterini Αναστασία=anastasia Βασιλική=vasiliki Γεωργία=georgia Δέσποινα=despina Ειρήνη=irini Ελένη=eleni Ευαγγελία=evangelia Ζωή=zoe Ιωάννα=ioanna Κωνσταντίνα=konstantina Μαρία=maria Μαρίνα=marina Νίκη=niki Ξένια=xenia Παναγιώτα=panayiota Σοφία=sofia Στέλλα=stella Χριστίνα=christina',
    ),
    male: paired(
      'Αλέξανδρος=alexandros Ανδρέας=andreas Αντώνης=antonis Βασίλης=vasilis Γιώργος=giorgos Δημήτρης=dimitris Ευάγγελος=evangelos Ηλίας=ilias Θανάσης=thanasis Ιωάννης=ioannis Κυριάκος=kyriakos Κώστας=kostas Λευτέρης=lefteris Μάριος=marios Μιχάλης=michalis Νίκος=nikos Παναγιώτης=panayiotis Παύλος=pavlos Πέτρος=petros Σάββας=savvas Στέλιος=stelios Χρίστος=christos',
    ),
  },
};

// Greek surnames in the form that is the same for women and men.
const lastNames: Record<Tongue, Name[]> = {
  en: plain(
    'Abbott Archer Atkinson Bailey Barker Baxter Bennett Brooks Burton Carter Chapman Clarke Coleman Cooper Dawson Dixon Ellis Fletcher Foster Gibson Graham Griffin Harding Hawkins Holmes Hudson Jenkins Kendall Lambert Marsh Mason Newton Norris Palmer Parker Pearson Porter Reeves Sanders Shaw Spencer Stone Sutton Thornton Turner Walker Warren Watson Webb Whitaker Winter Wright',
  ),
  el: paired(
    'Αντωνίου=antoniou Βασιλείου=vasiliou Γεωργίου=georgiou Γρηγορίου=grigoriou Δημητρίου=dimitriou Ευαγγέλου=evangelou Ηλία=ilia Θεοδώρου=theodorou Ιακώβου=iakovou Ιωάννου=ioannou Κυριάκου=kyriakou Κωνσταντίνου=konstantinou Λουκά=louka Μιχαήλ=michael Νικολάου=nicolaou Οικονόμου=economou Παναγιώτου=panayiotou Παύλου=pavlou Πέτρου=petrou Σάββα=savva Στυλιανού=stylianou Φιλίππου=philippou Χαραλάμπους=charalambous Χριστοδούλου=christodoulou Χριστοφή=christofi',
  ),
};

const domains = ['example.com', 'example.org', 'example.net'];
const areaCodes = ['202', '212', '303', '312', '404', '415', '512', '617', '702', '808'];

/** A number from 0 up to 1 that follows from the seed; another `purpose` gives another number. */
export function fraction(seed: string, purpose: string): number {
  return createHash('sha256').update(`${purpose}\0${seed}`).digest().readUInt32BE(0) / 2 ** 32;
}

/** One of the list. */
export function pick<Value>(list: readonly Value[], seed: string, purpose: string): Value {
  const chosen = list[Math.floor(fraction(seed, purpose) * list.length)];
  if (chosen === undefined) throw new Error(`There is nothing to pick for ${purpose}`);
  return chosen;
}

/** A whole number from `least` to `most`, both included. */
export function wholeNumber(least: number, most: number, seed: string, purpose: string): number {
  return least + Math.floor(fraction(seed, purpose) * (most - least + 1));
}

/** A name; the gender follows from the seed where none is given. */
export function person(seed: string, tongue: Tongue, gender?: Gender): Person {
  const genders: readonly Gender[] = ['female', 'male'];
  const first = pick(firstNames[tongue][gender ?? pick(genders, seed, 'gender')], seed, 'first name');
  const last = pick(lastNames[tongue], seed, 'last name');
  return { firstName: first.text, lastName: last.text, latin: `${first.latin}.${last.latin}` };
}

/** The person's e-mail address; the seed in it keeps namesakes apart. */
export function email(seed: string, tongue: Tongue, gender?: Gender): string {
  return `${person(seed, tongue, gender).latin}.${slug(seed)}@${pick(domains, seed, 'domain')}`;
}

/** One of a thousand American numbers for fiction: people share them. */
export function americanPhone(seed: string): string {
  return `+1${pick(areaCodes, seed, 'area code')}55501${String(wholeNumber(0, 99, seed, 'phone')).padStart(2, '0')}`;
}

/** One of a thousand British mobile numbers for fiction. */
export function britishPhone(seed: string): string {
  return `+447700900${String(wholeNumber(0, 999, seed, 'phone')).padStart(3, '0')}`;
}

/** Small letters and digits only. */
export function slug(text: string): string {
  return text
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z0-9]/g, '')
    .slice(0, 30);
}
