/** A map that keeps the entries used last, up to a number of them. */
export class LruCache<K, V> {
  readonly #entries = new Map<K, V>();

  constructor(readonly max_entries: number) {}

  get(key: K): V | undefined {
    const value = this.#entries.get(key);
    if (value !== undefined) this.set(key, value);
    return value;
  }

  set(key: K, value: V): void {
    this.#entries.delete(key);
    this.#entries.set(key, value);
    for (const oldest of this.#entries.keys()) {
      if (this.#entries.size <= this.max_entries) break;
      this.#entries.delete(oldest);
    }
  }
}
