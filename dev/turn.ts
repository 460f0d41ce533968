import { AsyncLocalStorage } from "node:async_hooks";

/**
 * Lets one caller in at a time, first come, first served. Asking for a turn while having one, which would wait for
 * itself for ever, is an error instead.
 */
export class Turn {
  #last: Promise<unknown> = Promise.resolve();
  readonly #holder = new AsyncLocalStorage<{ is_active: boolean }>();

  take<T>(fn: () => Promise<T>): Promise<T> {
    if (this.#holder.getStore()?.is_active) {
      return Promise.reject(
        new Error(
          "Cannot use the database inside its own transaction: use the handle that the callback was given",
        ),
      );
    }
    const turn = this.#last.then(async () => {
      const holder = { is_active: true };
      try {
        return await this.#holder.run(holder, fn);
      } finally {
        holder.is_active = false;
      }
    });
    this.#last = turn.catch(() => {});
    return turn;
  }
}
