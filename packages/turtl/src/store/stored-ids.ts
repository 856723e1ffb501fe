import type { IdState, IdStore } from '../id-source'
import type { TurtlStore } from '../store'

const NAME = 'ids'

/** Keeps the state of an id source with the account: whoever copies the store copies its client id too, so a store has one owner. */
export function createStoredIdStore(store: TurtlStore): IdStore {
  return {
    async load() {
      const text = await store.transact((tx) => tx.get('value', NAME))
      return text === undefined ? undefined : (JSON.parse(text) as IdState)
    },
    save: (state) => store.transact((tx) => tx.put('value', NAME, JSON.stringify(state))),
  }
}
