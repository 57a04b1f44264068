/** The stream of a page, read by a tool. */

/** Why a page cannot be looked at, in a sentence that says what to do. */
export class NotObserved extends Error {
  override readonly name = 'NotObserved';
}

export interface Address {
  readonly origin: string;
  readonly token: string;
}

/** @throws NotObserved for what is no address of a page. */
export function addressOf(url: string): Address {
  let parsed: URL;
  try {
    parsed = new URL(url.includes('://') ? url : `http://${url}`);
  } catch {
    throw new NotObserved(
      `"${url}" is no address. Use the link that the program printed: http://127.0.0.1:PORT/?token=…`,
    );
  }
  const token = parsed.searchParams.get('token');
  if (token === null)
    throw new NotObserved(
      'The address has no token. Use the whole link that the program printed, with ?token=… at its end.',
    );
  return { origin: parsed.origin, token };
}

/** Tells what comes until the stream ends. @throws NotObserved if there is none. */
export async function follow(
  { origin, token }: Address,
  tell: (told: never) => void,
  signal: AbortSignal,
): Promise<void> {
  const response = await reach(`${origin}/events`, {
    headers: { authorization: `Bearer ${token}` },
    signal,
  });
  if (!response.ok || response.body === null)
    throw new NotObserved(await refusal(response, origin));
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of response.body) {
    text += decoder.decode(chunk as Uint8Array, { stream: true });
    for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
      const data = text
        .slice(0, end)
        .split('\n')
        .find((line) => line.startsWith('data: '));
      text = text.slice(end + 2);
      if (data !== undefined) tell(JSON.parse(data.slice('data: '.length)) as never);
    }
  }
}

async function reach(url: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(url, init);
  } catch (error) {
    if (init.signal?.aborted === true) throw error;
    throw new NotObserved(
      `Nobody answers at ${new URL(url).origin}. Is the program running, and does it serve its page there?`,
    );
  }
}

async function refusal(response: Response, origin: string): Promise<string> {
  const why = (await response.text()).trim();
  if (response.status === 401 || response.status === 429)
    return `${origin} does not know this token. Use the link that the program printed when it began to serve.`;
  return response.status === 503
    ? why
    : `${origin} is no page of an observer: it answers ${response.status}.`;
}
