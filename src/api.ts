import 'reflect-metadata';
import type { GraphQLSchema } from 'graphql';
import type { NonEmptyArray } from 'type-graphql';
import { CallerResolver } from './access/caller.resolver.js';
import { ContactResolver, contactNode } from './audience/contact.resolver.js';
import { EventResolver, eventNode } from './audience/events/event.resolver.js';
import { SegmentPreviewResolver, SegmentResolver, segmentNode } from './audience/segment.resolver.js';
import { CatalogueResolver } from './catalogue/catalogue.resolver.js';
import { AttachmentResolver, attachmentNode, CommunicationAttachmentsResolver } from './communications/attachments.resolver.js';
import { CommunicationResolver, ContactCommunicationsResolver, communicationNode } from './communications/communication.resolver.js';
import { DynamicLinkResolver } from './communications/dynamic-link.resolver.js';
import { noteNode, RelatedResolver } from './communications/related.resolver.js';
import { TrackingResolver } from './communications/tracking.resolver.js';
import { CommunicationValuesResolver } from './communications/values.resolver.js';
import { CategoryResolver, categoryNode } from './content/category.resolver.js';
import { ParameterResolver } from './content/parameter.resolver.js';
import { PreviewResolver } from './content/preview.resolver.js';
import {
  CreateTemplateWarningsResolver,
  TemplateResolver,
  templateNode,
  UpdateTemplateWarningsResolver,
} from './content/template.resolver.js';
import { SandboxMessageResolver, sandboxMessageNode } from './delivery/sandbox-message.resolver.js';
import { RunControlResolver } from './generate/control.resolver.js';
import { RunPreviewResolver } from './generate/preview.resolver.js';
import { RunResolver, runNode } from './generate/run.resolver.js';
import { ScheduleFireResolver, ScheduleResolver, scheduleNode } from './generate/schedule.resolver.js';
import { type PickSource, registerSources } from './generate/source.js';
import { RunTrackingResolver } from './generate/tracking.resolver.js';
import { registerRules } from './generate/why/explain.js';
import { ExplainResolver, PreviewFunnelResolver, RunRecipientResolver, RunWhyResolver } from './generate/why/why.resolver.js';
import { type NodeKind, registerNodes } from './graphql/node.js';
import { NodeResolver } from './graphql/node.resolver.js';
import { makeSchema, type ResolverClass } from './graphql/schema.js';
import { PrintCommunicationResolver, PrintTemplateResolver } from './print/print.resolver.js';
import { CancelResolver } from './queue/cancel.resolver.js';
import { QueueEntryResolver, queueEntryNode } from './queue/entry.resolver.js';
import { CommunicationSystemResolver, ExternalSystemResolver, externalSystemNode } from './queue/externalSystem.resolver.js';
import { InboxResolver } from './queue/inbox/inbox.resolver.js';
import { InboxCountsResolver } from './queue/inboxCounts.resolver.js';
import { LeaseResolver } from './queue/lease.resolver.js';
import { SystemTokenResolver, systemTokenNode } from './queue/systemToken.resolver.js';
import { SettingsResolver } from './settings/settings.resolver.js';
import { ManualResolver } from './sources/manual/manual.resolver.js';
import {
  CreateCommunicationWarningsResolver,
  FollowUpCommunicationWarningsResolver,
  ManualTemplateResolver,
  UpdateCommunicationWarningsResolver,
} from './sources/manual/manual-template.resolver.js';
import { ResendResolver } from './sources/manual/resend.resolver.js';
import {
  CommunicationNotificationResolver,
  ContactNotificationsResolver,
  NotificationResolver,
  notificationNode,
} from './sources/notifications/notification.resolver.js';
import { NotificationTypeResolver, notificationTypeNode } from './sources/notifications/notification-type.resolver.js';
import { notificationSource } from './sources/notifications/source.js';
import { PlanMessageResolver, PlanResolver, planNode } from './sources/plans/plan.resolver.js';
import { CreatePlanWarningsResolver, PlanEditResolver, UpdatePlanWarningsResolver } from './sources/plans/plan-edit.resolver.js';
import { planSource } from './sources/plans/source.js';
import { explainedRule } from './sources/rules/explain.js';
import { EventOutcomesResolver, RuleOutcomeResolver } from './sources/rules/outcome.resolver.js';
import { RuleResolver, ruleNode } from './sources/rules/rule.resolver.js';

/** What prepares a run, by what caused it. */
export const sources: PickSource = (run) => (run.notificationTypeId === null ? planSource : notificationSource);

/** Every resolver of the API: a new one is made known here. */
const resolvers: NonEmptyArray<ResolverClass> = [
  CallerResolver,
  NodeResolver,
  ContactResolver,
  SegmentResolver,
  SegmentPreviewResolver,
  EventResolver,
  SandboxMessageResolver,
  CatalogueResolver,
  TemplateResolver,
  CreateTemplateWarningsResolver,
  UpdateTemplateWarningsResolver,
  CategoryResolver,
  ParameterResolver,
  PreviewResolver,
  CommunicationResolver,
  ContactCommunicationsResolver,
  CommunicationValuesResolver,
  TrackingResolver,
  RelatedResolver,
  CommunicationAttachmentsResolver,
  AttachmentResolver,
  ExternalSystemResolver,
  CommunicationSystemResolver,
  SystemTokenResolver,
  InboxCountsResolver,
  QueueEntryResolver,
  InboxResolver,
  LeaseResolver,
  RunResolver,
  RunControlResolver,
  RunTrackingResolver,
  ExplainResolver,
  RunWhyResolver,
  PreviewFunnelResolver,
  RunRecipientResolver,
  RunPreviewResolver,
  PlanResolver,
  PlanMessageResolver,
  PlanEditResolver,
  CreatePlanWarningsResolver,
  UpdatePlanWarningsResolver,
  ScheduleResolver,
  ScheduleFireResolver,
  RuleResolver,
  RuleOutcomeResolver,
  EventOutcomesResolver,
  ManualResolver,
  ResendResolver,
  CancelResolver,
  PrintCommunicationResolver,
  PrintTemplateResolver,
  ManualTemplateResolver,
  CreateCommunicationWarningsResolver,
  UpdateCommunicationWarningsResolver,
  FollowUpCommunicationWarningsResolver,
  NotificationTypeResolver,
  NotificationResolver,
  ContactNotificationsResolver,
  CommunicationNotificationResolver,
  SettingsResolver,
  DynamicLinkResolver,
];

/** Every type that `node(id)` finds. */
const nodes: NodeKind[] = [
  contactNode,
  segmentNode,
  eventNode,
  sandboxMessageNode,
  templateNode,
  categoryNode,
  communicationNode,
  noteNode,
  attachmentNode,
  queueEntryNode,
  externalSystemNode,
  systemTokenNode,
  runNode,
  planNode,
  scheduleNode,
  notificationTypeNode,
  notificationNode,
  ruleNode,
];

/** The schema alone, for `schema print`, and for checks that need no database. */
export function schemaOf(): GraphQLSchema {
  registerNodes(nodes);
  registerSources(sources);
  registerRules(explainedRule);
  return makeSchema(resolvers);
}
