import { Field, ID, InputType, ObjectType } from 'type-graphql';
import { RunType } from './run.type.js';

const runWords = 'Which run.';
const answerWords = 'The run as it is now.';

@InputType('PauseRunInput', { description: 'Which run to hold.' })
export class PauseRunInput {
  @Field(() => ID, { description: runWords })
  runId!: string;
}

@InputType('ResumeRunInput', { description: 'Which paused run to let go on.' })
export class ResumeRunInput {
  @Field(() => ID, { description: runWords })
  runId!: string;
}

@InputType('CancelRunInput', { description: 'Which run to end.' })
export class CancelRunInput {
  @Field(() => ID, { description: runWords })
  runId!: string;
}

@ObjectType('PauseRunPayload', { simpleResolvers: true, description: 'What pauseRun answers.' })
export class PauseRunPayload {
  @Field(() => RunType, { description: answerWords })
  run!: RunType;
}

@ObjectType('ResumeRunPayload', { simpleResolvers: true, description: 'What resumeRun answers.' })
export class ResumeRunPayload {
  @Field(() => RunType, { description: answerWords })
  run!: RunType;
}

@ObjectType('CancelRunPayload', { simpleResolvers: true, description: 'What cancelRun answers.' })
export class CancelRunPayload {
  @Field(() => RunType, { description: answerWords })
  run!: RunType;
}

@InputType('DeleteRunInput', { description: 'Which run to delete.' })
export class DeleteRunInput {
  @Field(() => ID, { description: 'A run that has not begun.' })
  runId!: string;
}

@ObjectType('DeleteRunPayload', { simpleResolvers: true, description: 'What deleteRun answers.' })
export class DeleteRunPayload {
  @Field(() => ID, { description: 'The id that the run had.' })
  runId!: string;
}

@InputType('RetractRunInput', { description: 'Which run to take back.' })
export class RetractRunInput {
  @Field(() => ID, { description: runWords })
  runId!: string;
}

@ObjectType('RetractRunPayload', { simpleResolvers: true, description: 'What retractRun answers.' })
export class RetractRunPayload {
  @Field(() => RunType, { description: 'The run. Its retraction goes on; `retracted` and `retractFinishedAt` tell how far it is.' })
  run!: RunType;
}
