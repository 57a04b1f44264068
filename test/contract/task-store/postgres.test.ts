import { postgres } from '@beamish/tasks/postgres';
import { test } from 'vitest';
import { dropSchema, freshSchema, hasPostgres, POSTGRES } from '../../support/postgres.ts';
import { storeContract } from './contract.ts';

const schemas: string[] = [];

if (await hasPostgres()) {
  storeContract('postgres', {
    make() {
      const schema = freshSchema();
      schemas.push(schema);
      return postgres(POSTGRES, { schema });
    },
    async clear() {
      for (const schema of schemas.splice(0)) await dropSchema(schema);
    },
  });
} else test.skip('postgres as a store of tasks: no PostgreSQL was found', () => {});
