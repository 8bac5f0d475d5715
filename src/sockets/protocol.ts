import { GraphQLError } from 'graphql';
import { admit } from './admission.js';
import type { Line } from './line.js';
import { type ClientMessage, closeCodes, readMessage } from './message.js';
import { Operation } from './operation.js';

/** What a client's message does (graphql-transport-ws). Never throws: what fails for our fault closes the socket with 4500. */
export function receive(line: Line, text: string): void {
  const message = readMessage(text);
  switch (message?.type) {
    case 'connection_init':
      greet(line, message.payload?.['authorization']);
      break;
    case 'ping':
      line.control();
      void line.send(message.payload ? JSON.stringify({ type: 'pong', payload: message.payload }) : '{"type":"pong"}');
      break;
    case 'pong':
      line.control();
      break;
    case 'subscribe':
      begin(line, message);
      break;
    case 'complete':
      // One that is not there has ended meanwhile.
      operationOf(line, JSON.stringify(message.id))?.end();
      break;
    default:
      line.close(closeCodes.invalidMessage, 'Invalid message received');
  }
}

function greet(line: Line, authorization: unknown): void {
  if (line.greeted) {
    line.close(closeCodes.secondInit, 'Too many initialisation requests');
    return;
  }
  line.greeted = true;
  watch(line, admit(line, authorization));
}

function begin(line: Line, { id: given, payload }: Extract<ClientMessage, { type: 'subscribe' }>): void {
  const id = JSON.stringify(given);
  const operation = new Operation(line, id);
  const most = line.room.limits.operations;
  if (!line.viewer) {
    line.close(closeCodes.notAdmitted, 'Unauthorized');
  } else if (operationOf(line, id)) {
    line.close(closeCodes.idInUse, `Subscriber for ${given} already exists`);
  } else if (line.operations.length >= most) {
    const message = `A socket carries at most ${most} operations at a time.`;
    operation.fail([new GraphQLError(message, { extensions: { code: 'RATE_LIMITED' } })]);
  } else {
    line.operations.push(operation);
    watch(line, operation.run(payload));
  }
}

function operationOf(line: Line, id: string): Operation | undefined {
  return line.operations.find((each) => each.id === id);
}

function watch(line: Line, work: Promise<void>): void {
  const { underWay, log } = line.room;
  const watched = work
    .catch((error: unknown) => {
      log.error({ err: error }, 'a message of a socket failed');
      line.close(closeCodes.ourFault, 'Internal server error');
    })
    .finally(() => underWay.delete(watched));
  underWay.add(watched);
}
