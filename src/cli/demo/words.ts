import type { NewTemplate } from '../../content/template-write.js';

interface Letter {
  title: string;
  greeting: string;
  offer: string;
  wallet: string;
  goodbye: string;
}

/** The e-mail of the autumn offer, in both languages of the demo company. */
export const emailTemplate: NewTemplate = {
  name: 'Autumn offer, e-mail',
  code: 'autumn_offer_email',
  description: 'The letter of the autumn offer.',
  medium: 'EMAIL',
  content: [
    {
      language: 'en',
      format: 'MJML',
      subject: '#contact.first_name, your autumn offer',
      body: letter({
        title: 'A little something for the autumn',
        greeting: 'Dear #contact.first_name,',
        offer: 'Top up your wallet before the end of the month, and we add ten percent to it.',
        wallet: 'In your wallet at the moment: #wallet.available_amount.',
        goodbye: 'Customer #account.number. You get this because you said that our offers are welcome.',
      }),
    },
    {
      language: 'el',
      format: 'MJML',
      subject: '#contact.first_name, η φθινοπωρινή σας προσφορά',
      body: letter({
        title: 'Κάτι μικρό για το φθινόπωρο',
        greeting: 'Γεια σας #contact.first_name,',
        offer: 'Ανανεώστε το πορτοφόλι σας πριν από το τέλος του μήνα και προσθέτουμε δέκα τοις εκατό.',
        wallet: 'Στο πορτοφόλι σας αυτή τη στιγμή: #wallet.available_amount.',
        goodbye: 'Πελάτης #account.number. Λαμβάνετε αυτό το μήνυμα επειδή δέχεστε τις προσφορές μας.',
      }),
    },
  ],
};

/** The same offer for the portal's inbox, short. */
export const inboxTemplate: NewTemplate = {
  name: 'Autumn offer, inbox',
  code: 'autumn_offer_inbox',
  description: 'The autumn offer as an entry of the portal.',
  medium: 'DEVICE',
  content: [
    {
      language: 'en',
      subject: 'Ten percent on top',
      body: '#contact.first_name, top up your wallet before the end of the month, and we add ten percent. You have #wallet.available_amount.',
    },
    {
      language: 'el',
      subject: 'Δέκα τοις εκατό επιπλέον',
      body: '#contact.first_name, ανανεώστε το πορτοφόλι σας πριν από το τέλος του μήνα και προσθέτουμε δέκα τοις εκατό. Έχετε #wallet.available_amount.',
    },
  ],
};

function letter({ title, greeting, offer, wallet, goodbye }: Letter): string {
  return `<mjml>
  <mj-body background-color="#f4f1ea">
    <mj-section background-color="#ffffff" padding="32px">
      <mj-column>
        <mj-text font-size="24px" font-family="Georgia, serif" color="#7a3b12">${title}</mj-text>
        <mj-text font-size="16px" line-height="24px">${greeting}</mj-text>
        <mj-text font-size="16px" line-height="24px">${offer}</mj-text>
        <mj-text font-size="16px" line-height="24px" font-weight="bold">${wallet}</mj-text>
        <mj-divider border-width="1px" border-color="#e0d8c8" />
        <mj-text font-size="12px" color="#6b6258">${goodbye}</mj-text>
      </mj-column>
    </mj-section>
  </mj-body>
</mjml>`;
}
