/** The latest of many, and no more: the oldest are forgotten. */
export class Recent<T> {
  readonly #limit: number;
  readonly #items = new Map<string, T>();

  constructor(limit: number) {
    this.#limit = limit;
  }

  set(key: string, value: T): void {
    this.#items.delete(key);
    this.#items.set(key, value);
    if (this.#items.size > this.#limit)
      this.#items.delete(this.#items.keys().next().value as string);
  }

  get(key: string): T | undefined {
    return this.#items.get(key);
  }

  has(key: string): boolean {
    return this.#items.has(key);
  }

  delete(key: string): void {
    this.#items.delete(key);
  }

  keys(): string[] {
    return [...this.#items.keys()];
  }
}
