/**
 * What this device knows of the backup's state, in records that survive a crash:
 *
 *   base      the remote state last seen here: its head, and its manifest
 *   pending   what was being sent from that head: one of these may have become the head
 *   applying  the remote manifest that was being written into the folder
 */
import { decodeManifest, EMPTY_MANIFEST_HASH, encodeManifest, type Manifest } from '@holdfast/wire'
import type { StateStore } from './store'

export interface Base {
  /** Remote head this state stands on, 64 hex digits. */
  readonly head: string
  readonly manifest: Manifest
}

interface Attempt {
  readonly head: string
  readonly manifest: string
}

export class Ledger {
  readonly #state: StateStore

  constructor(state: StateStore) {
    this.#state = state
  }

  /** @returns `undefined` on a device that has never finished a restore. */
  async loadBase(): Promise<Base | undefined> {
    const text = await this.#state.load('base')
    if (text === undefined) return undefined
    const { head, manifest } = JSON.parse(text) as Attempt
    return { head, manifest: decodeManifest(manifest) }
  }

  /** Settles everything older: what was pending or being applied is over. */
  async saveBase({ head, manifest }: Base): Promise<void> {
    await this.#state.save('base', encodeAttempt({ head, manifest }))
    await this.#state.remove('pending')
    await this.#state.remove('applying')
  }

  /** Before anything is sent: what the head will be if it arrives. */
  async addPending(attempt: Base): Promise<void> {
    const attempts = [...(await this.#loadAttempts()), encodeAttempt(attempt)]
    await this.#state.save('pending', JSON.stringify([...new Set(attempts)]))
  }

  /** @returns the attempt that became `head`, if one did. */
  async findPending(head: string): Promise<Base | undefined> {
    for (const text of await this.#loadAttempts()) {
      const attempt = JSON.parse(text) as Attempt
      if (attempt.head === head) return { head, manifest: decodeManifest(attempt.manifest) }
    }
    return undefined
  }

  async #loadAttempts(): Promise<string[]> {
    return JSON.parse((await this.#state.load('pending')) ?? '[]') as string[]
  }

  async saveApplying(manifest: Manifest): Promise<void> {
    await this.#state.save('applying', encodeManifest(manifest))
  }

  async loadApplying(): Promise<Manifest | undefined> {
    const text = await this.#state.load('applying')
    return text === undefined ? undefined : decodeManifest(text)
  }
}

const encodeAttempt = ({ head, manifest }: Base) => JSON.stringify({ head, manifest: encodeManifest(manifest) } satisfies Attempt)

export const EMPTY_BASE: Base = { head: EMPTY_MANIFEST_HASH, manifest: { files: [] } }
