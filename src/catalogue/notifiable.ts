/** For whom a notification is: a contact, an account, or a participant of a rewards scheme (N1). */
export type NotificationClassification = 'CUSTOMER_CARE' | 'FINANCIAL' | 'REWARD';

/** The types of object that each classification notifies about (N2, AMB-5, AMB-9). */
export const notifiable: Readonly<Record<NotificationClassification, readonly string[]>> = {
  CUSTOMER_CARE: [
    'subscription',
    'activity',
    'job',
    'buy_in_advance_request',
    'rewards_participant',
    'service_request',
    'lead',
    'payment_gateway_card',
    'payment_gateway_request',
    'payment',
    'award_reward_transaction',
    'spend_reward_transaction',
    'award_expiration_transaction',
    'subscription_action',
  ],
  FINANCIAL: [
    'subscription',
    'invoice',
    'job',
    'buy_in_advance_request',
    'wallet',
    'wallet_product_consumption',
    'wallet_transaction',
    'bill',
  ],
  REWARD: ['reward_offer'],
};
