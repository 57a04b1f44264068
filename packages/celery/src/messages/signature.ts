/** Signatures as Celery's messages hold them. They come from outside, so each field is looked at before it is used. */

export interface SignatureDict {
  readonly task: string;
  readonly args: readonly unknown[];
  readonly kwargs: Readonly<Record<string, unknown>>;
  readonly options: Readonly<Record<string, unknown>>;
  readonly subtask_type: string | null;
  readonly immutable: boolean;
}

/** Undefined for what is none. */
export function signatureOf(value: unknown): SignatureDict | undefined {
  if (!isDict(value) || typeof value['task'] !== 'string' || value['task'] === '') return undefined;
  const { task, args, kwargs, options, subtask_type, immutable } = value;
  return {
    task,
    args: Array.isArray(args) ? args : [],
    kwargs: isDict(kwargs) ? kwargs : {},
    options: isDict(options) ? options : {},
    subtask_type: typeof subtask_type === 'string' ? subtask_type : null,
    immutable: immutable === true,
  };
}

/** All of a list, or undefined if one of them is none. Null is an empty list. */
export function signaturesOf(value: unknown): readonly SignatureDict[] | undefined {
  if (value === null || value === undefined) return [];
  const list = Array.isArray(value) ? value : [value];
  const signatures = list.map(signatureOf);
  return signatures.every((each) => each !== undefined) ? signatures : undefined;
}

export function isDict(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export type Kind = 'task' | 'chain' | 'group' | 'chord';

export function kindOf({ task, subtask_type }: SignatureDict): Kind {
  const word = subtask_type ?? (task.startsWith('celery.') ? task.slice('celery.'.length) : '');
  return word === 'chain' || word === 'group' || word === 'chord' ? word : 'task';
}

/** What a chain or a group is made of. */
export function membersOf({ kwargs }: SignatureDict): readonly SignatureDict[] {
  return signaturesOf(kwargs['tasks']) ?? [];
}

/** A chord's header and body. */
export function chordOf({ kwargs }: SignatureDict): {
  readonly header: SignatureDict;
  readonly body: SignatureDict | undefined;
} {
  const { header, body } = kwargs;
  const tasks = Array.isArray(header) ? header : undefined;
  const group = tasks === undefined ? signatureOf(header) : undefined;
  return { header: group ?? groupOf(signaturesOf(tasks) ?? []), body: signatureOf(body) };
}

export function groupOf(tasks: readonly SignatureDict[], options = {}): SignatureDict {
  return compound('group', { tasks }, options);
}

export function compound(
  kind: Exclude<Kind, 'task'>,
  kwargs: Readonly<Record<string, unknown>>,
  options: Readonly<Record<string, unknown>>,
): SignatureDict {
  return {
    task: `celery.${kind}`,
    args: [],
    kwargs,
    options,
    subtask_type: kind,
    immutable: false,
  };
}

export function withOptions(
  signature: SignatureDict,
  more: Readonly<Record<string, unknown>>,
): SignatureDict {
  return { ...signature, options: { ...signature.options, ...more } };
}

/** A text among its options, if it is one. */
export function optionOf({ options }: SignatureDict, key: string): string | undefined {
  const value = options[key];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** The ids under which those who wait for it look: its own; of a chain, those of all its steps; of a chord, its body's. */
export function idsOf(signature: SignatureDict): readonly string[] {
  switch (kindOf(signature)) {
    case 'chain':
      return membersOf(signature).flatMap(idsOf);
    case 'group':
      return membersOf(signature).flatMap(idsOf);
    case 'chord': {
      const { body } = chordOf(signature);
      return body === undefined ? [] : idsOf(body);
    }
    case 'task': {
      const id = optionOf(signature, 'task_id');
      return id === undefined ? [] : [id];
    }
  }
}
