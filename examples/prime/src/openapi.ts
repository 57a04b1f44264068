/** What the service answers, for programs: OpenAPI 3.1. The tests check every answer against it. */

const ANSWERED = { description: 'What is known of the task', content: json('Task') };
const NOT_FOUND = fault('There is no such task');
const ID = { name: 'id', in: 'path', required: true, schema: { type: 'string' } };

export const openapi = {
  openapi: '3.1.0',
  info: {
    title: 'Prime numbers',
    version: '1.0.0',
    description:
      'Whether whole numbers are prime. A question is answered at once with the id of a task; the task has the answer.',
    license: { name: 'MIT', identifier: 'MIT' },
  },
  paths: {
    '/': {
      get: {
        summary: 'A page for people',
        responses: { 200: { description: 'HTML', content: { 'text/html': {} } } },
      },
      post: {
        summary: 'Asks whether a number is prime',
        parameters: [
          {
            name: 'Idempotency-Key',
            in: 'header',
            schema: { type: 'string', minLength: 1, maxLength: 255 },
          },
          { name: 'Prefer', in: 'header', schema: { type: 'string' } },
        ],
        requestBody: { required: true, content: json('Question') },
        responses: {
          200: { description: 'It will be answered', headers: whereItIs(), content: json('Asked') },
          202: {
            description: 'The same, as `Prefer: respond-async` asks for it',
            headers: whereItIs(),
            content: json('Asked'),
          },
          400: fault('No question'),
          403: fault('Asked from another site'),
          409: fault('The Idempotency-Key was given with another number'),
          413: fault('Too large'),
          415: fault('No JSON'),
          503: fault('Too many are waiting'),
        },
      },
    },
    '/{id}': {
      get: {
        summary: 'What is known of a task',
        parameters: [
          ID,
          {
            name: 'wait',
            in: 'query',
            description: 'Seconds to wait for its end',
            schema: { type: 'number', minimum: 0, maximum: 60 },
          },
        ],
        responses: { 200: ANSWERED, 400: fault('No number of seconds'), 404: NOT_FOUND },
      },
      delete: {
        summary: 'Ends it, if it has not ended',
        parameters: [ID],
        responses: { 200: ANSWERED, 403: fault('Asked from another site'), 404: NOT_FOUND },
      },
    },
    '/{id}/events': {
      get: {
        summary: 'Each change, until the end, as server-sent events: `state` with a Task as data',
        parameters: [ID, { name: 'Last-Event-ID', in: 'header', schema: { type: 'integer' } }],
        responses: {
          200: { description: 'Events', content: { 'text/event-stream': {} } },
          404: NOT_FOUND,
        },
      },
    },
    '/healthz': {
      get: {
        summary: 'Whether it works',
        responses: {
          200: { description: 'It does', content: json('Health') },
          503: fault('It does not'),
        },
      },
    },
    '/openapi.json': {
      get: {
        summary: 'This',
        responses: { 200: { description: 'OpenAPI', content: { 'application/json': {} } } },
      },
    },
    '/metrics': {
      get: {
        summary: 'Figures for Prometheus',
        responses: { 200: { description: 'Text', content: { 'text/plain': {} } } },
      },
    },
  },
  components: {
    schemas: {
      Question: {
        type: 'object',
        required: ['number'],
        properties: {
          number: {
            type: ['integer', 'string'],
            description: 'At most 1,000 digits; as a string, where a program would lose some',
          },
          method: { enum: ['auto', 'trial'], default: 'auto' },
        },
      },
      Asked: object({ status: { const: 'success' }, task_id: { type: 'string' } }),
      Task: object(
        {
          task_id: { type: 'string' },
          status: { enum: ['PENDING', 'STARTED', 'RETRY', 'SUCCESS', 'FAILURE', 'REVOKED'] },
          progress: { type: 'number', minimum: 0, maximum: 1 },
          result: object({
            number: { type: 'integer' },
            is_prime: { type: 'boolean' },
            certainty: { enum: ['proven', 'probable'] },
          }),
          error: object({ type: { type: 'string' }, message: { type: 'string' } }),
        },
        ['task_id', 'status'],
      ),
      Health: object({
        status: { const: 'ok' },
        store: { const: 'ok' },
        workers: { type: 'integer' },
        queued: { type: 'integer' },
      }),
      Fault: object({
        status: { const: 'error' },
        error: { type: 'string' },
        message: { type: 'string' },
      }),
    },
  },
};

function object(properties: Record<string, unknown>, required = Object.keys(properties)) {
  return { type: 'object', required, properties, additionalProperties: false };
}

function json(schema: string) {
  return { 'application/json': { schema: { $ref: `#/components/schemas/${schema}` } } };
}

function fault(description: string) {
  return { description, content: json('Fault') };
}

function whereItIs() {
  return { Location: { schema: { type: 'string' } } };
}
