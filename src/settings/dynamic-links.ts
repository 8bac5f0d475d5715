import { registerEnumType } from 'type-graphql';

/** What a dynamic link does to its contact's data when it is followed (D4 to D12). The order is that of tokens: it never changes. */
export const DynamicLinkAction = {
  OPT_IN_DIRECT_MARKETING: 'OPT_IN_DIRECT_MARKETING',
  OPT_OUT_DIRECT_MARKETING: 'OPT_OUT_DIRECT_MARKETING',
  OPT_IN_AFFILIATE_MARKETING: 'OPT_IN_AFFILIATE_MARKETING',
  OPT_OUT_AFFILIATE_MARKETING: 'OPT_OUT_AFFILIATE_MARKETING',
  SERVICE_REQUEST_RESPONSE_ACCEPTANCE: 'SERVICE_REQUEST_RESPONSE_ACCEPTANCE',
  SERVICE_REQUEST_TEMPORARY_RESOLUTION_ACCEPTANCE: 'SERVICE_REQUEST_TEMPORARY_RESOLUTION_ACCEPTANCE',
  SERVICE_REQUEST_FINAL_RESOLUTION_ACCEPTANCE: 'SERVICE_REQUEST_FINAL_RESOLUTION_ACCEPTANCE',
  CONTACT_CONSENT_ACCEPTANCE: 'CONTACT_CONSENT_ACCEPTANCE',
  CONTACT_CONSENT_REJECTION: 'CONTACT_CONSENT_REJECTION',
} as const;
export type DynamicLinkAction = keyof typeof DynamicLinkAction;
registerEnumType(DynamicLinkAction, {
  name: 'DynamicLinkAction',
  description: 'What a dynamic link does when its reader follows it and confirms.',
  valuesConfig: {
    OPT_IN_DIRECT_MARKETING: { description: 'The contact may receive our own marketing. `#dynamic_link.opt_in_direct_marketing`' },
    OPT_OUT_DIRECT_MARKETING: { description: 'No more marketing of our own. `#dynamic_link.opt_out_direct_marketing`' },
    OPT_IN_AFFILIATE_MARKETING: { description: "The contact may receive partners' marketing. `#dynamic_link.opt_in_affiliate_marketing`" },
    OPT_OUT_AFFILIATE_MARKETING: { description: "No more partners' marketing. `#dynamic_link.opt_out_affiliate_marketing`" },
    SERVICE_REQUEST_RESPONSE_ACCEPTANCE: {
      description: 'Accepts the response to the service request. `#dynamic_link.service_request_response_acceptance`',
    },
    SERVICE_REQUEST_TEMPORARY_RESOLUTION_ACCEPTANCE: {
      description: 'Accepts its temporary resolution. `#dynamic_link.service_request_temporary_resolution_acceptance`',
    },
    SERVICE_REQUEST_FINAL_RESOLUTION_ACCEPTANCE: {
      description: 'Accepts its final resolution. `#dynamic_link.service_request_final_resolution_acceptance`',
    },
    CONTACT_CONSENT_ACCEPTANCE: {
      description: 'Consents to keeping and using personal data (GDPR). `#dynamic_link.contact_consent_acceptance`',
    },
    CONTACT_CONSENT_REJECTION: { description: 'Refuses that consent, or takes it back. `#dynamic_link.contact_consent_rejection`' },
  },
});

export const dynamicLinkActions = Object.values(DynamicLinkAction);

/** Every tag of a dynamic link begins so. */
export const dynamicLinkPrefix = 'dynamic_link.';

/** `dynamic_link.opt_out_direct_marketing` */
export function tagOfAction(action: DynamicLinkAction): string {
  return dynamicLinkPrefix + action.toLowerCase();
}

/** The action of a tag; undefined where it is no dynamic link's. */
export function actionOfTag(tag: string): DynamicLinkAction | undefined {
  if (!tag.startsWith(dynamicLinkPrefix)) return undefined;
  const name = tag.slice(dynamicLinkPrefix.length).toUpperCase();
  return dynamicLinkActions.find((each) => each === name);
}

/** Whether it is about a service request, which its text must then be about. */
export function isOfServiceRequest(action: DynamicLinkAction): boolean {
  return action.startsWith('SERVICE_REQUEST_');
}

/** What a link says where the operator has set nothing, by language (D14). */
export const builtInLinkTexts: Readonly<Record<DynamicLinkAction, Readonly<Record<string, string>>>> = {
  OPT_IN_DIRECT_MARKETING: { en: 'Yes, send me your offers', el: 'Ναι, στείλτε μου τις προσφορές σας' },
  OPT_OUT_DIRECT_MARKETING: { en: 'Unsubscribe from our offers', el: 'Διαγραφή από τις προσφορές μας' },
  OPT_IN_AFFILIATE_MARKETING: { en: "Yes, send me your partners' offers", el: 'Ναι, στείλτε μου προσφορές συνεργατών' },
  OPT_OUT_AFFILIATE_MARKETING: { en: "Unsubscribe from our partners' offers", el: 'Διαγραφή από τις προσφορές συνεργατών' },
  SERVICE_REQUEST_RESPONSE_ACCEPTANCE: { en: 'Accept the response', el: 'Αποδοχή της απάντησης' },
  SERVICE_REQUEST_TEMPORARY_RESOLUTION_ACCEPTANCE: { en: 'Accept the temporary solution', el: 'Αποδοχή της προσωρινής λύσης' },
  SERVICE_REQUEST_FINAL_RESOLUTION_ACCEPTANCE: { en: 'Accept the solution', el: 'Αποδοχή της λύσης' },
  CONTACT_CONSENT_ACCEPTANCE: { en: 'I consent to the use of my data', el: 'Συναινώ στη χρήση των δεδομένων μου' },
  CONTACT_CONSENT_REJECTION: { en: 'I do not consent to the use of my data', el: 'Δεν συναινώ στη χρήση των δεδομένων μου' },
};
