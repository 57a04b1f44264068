/** The prime service, as it is asked. */

import { Service } from '../support/service.ts';

export class Program extends Service {
  static started(env: Readonly<Record<string, string>> = {}): Promise<Program> {
    return new Program('prime').start({ CONCURRENCY: '2', ...env });
  }

  async idOf(number: unknown, method?: string): Promise<string> {
    const { task_id } = (await (await this.post('/', { number, method })).json()) as Looked;
    return task_id;
  }

  look(id: string, wait = 0): Promise<Looked> {
    return this.json<Looked>(`/${id}?wait=${wait}`);
  }
}

export interface Looked {
  readonly task_id: string;
  readonly status: string;
  readonly progress?: number;
  readonly result?: {
    readonly number: number;
    readonly is_prime: boolean;
    readonly certainty: string;
  };
  readonly error?: { readonly type: string; readonly message: string };
}
