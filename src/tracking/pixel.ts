import type { FastifyInstance, FastifyRequest } from 'fastify';
import { isMachine } from './machine.js';
import type { Recorder } from './recorder.js';

/** One transparent dot. */
const gif = Buffer.from('R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7', 'base64');

/** The image in e-mails by which it is learned that they are opened. It is always the same, whatever is asked for, and waits for nothing. */
export async function routePixel(fastify: FastifyInstance, recorder: Recorder): Promise<void> {
  await fastify.register(async (images) => {
    images.get('/t/*', (request: FastifyRequest<{ Params: { '*': string } }>, reply) => {
      const code = /^([\w-]{20})\.gif$/.exec(request.params['*'])?.[1];
      if (code !== undefined) recorder.add({ pixel: code }, isMachine(request));
      return reply
        .header('cache-control', 'no-store, private')
        .header('cross-origin-resource-policy', 'cross-origin')
        .header('x-robots-tag', 'noindex')
        .type('image/gif')
        .send(gif);
    });
  });
}
