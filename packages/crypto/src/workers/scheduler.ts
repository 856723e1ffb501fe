/**
 * Who works on what. Jobs wait in one queue, first come first served; a worker has one job at a time, so that a job that
 * waits can be dropped and one that runs can be ended, by ending its worker.
 */
import { HoldfastError } from '@holdfast/base'
import type { Progress } from '../engine'
import { type FromWorker, restoreError, type Start } from './border'
import type { Thread } from './environment'
import { buffersOf, wipeAll } from './inputs'
import type { JobName } from './jobs'
import { aborted, poolClosed, workerLost, workersUnavailable } from './refusals'

/** A job, and how its caller hears of its end. */
interface Job {
  readonly name: JobName
  /** The pool's own: see `takeInputs`. */
  readonly args: readonly unknown[]
  readonly onProgress: Progress | undefined
  resolve(result: unknown): void
  reject(error: unknown): void
}

interface Seat {
  readonly thread: Thread
  ready: boolean
  job: Job | undefined
}

export type StartThread = (hear: (message: FromWorker) => void, lose: (cause: unknown) => void) => Thread

export class Scheduler {
  readonly #size: number
  readonly #startThread: StartThread
  readonly #start: Start
  readonly #seats = new Set<Seat>()
  readonly #ending = new Set<Promise<void>>()
  readonly #queue: Job[] = []
  #closed = false

  constructor(size: number, startThread: StartThread, start: Start) {
    this.#size = size
    this.#startThread = startThread
    this.#start = start
  }

  /** Resolves when every worker is ready. @throws {HoldfastError} `workers_unavailable`, and what an engine's start throws. */
  async start(): Promise<void> {
    try {
      await Promise.all(Array.from({ length: this.#size }, () => this.#addSeat()))
    } catch (cause) {
      await this.close()
      throw cause
    }
  }

  /** @throws {HoldfastError} `pool_closed`. */
  checkOpen(): void {
    if (this.#closed) throw poolClosed()
  }

  run(name: JobName, args: readonly unknown[], signal: AbortSignal | undefined, onProgress: Progress | undefined): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const job: Job = {
        name,
        args,
        onProgress,
        resolve(result) {
          signal?.removeEventListener('abort', abort)
          resolve(result)
        },
        reject(error) {
          signal?.removeEventListener('abort', abort)
          reject(error)
        },
      }
      const abort = () => this.#end(job, aborted(signal?.reason))
      signal?.addEventListener('abort', abort)
      this.#queue.push(job)
      this.#dispatch()
    })
  }

  async close(): Promise<void> {
    this.#closed = true
    for (const job of [...this.#queue]) this.#end(job, poolClosed())
    for (const seat of [...this.#seats]) {
      seat.job?.reject(poolClosed())
      this.#remove(seat)
    }
    await Promise.all(this.#ending)
  }

  /** Resolves when the new worker is ready. */
  #addSeat(): Promise<void> {
    return new Promise((resolve, reject) => {
      const hear = (message: FromWorker) => {
        if (!this.#seats.has(seat)) return
        if (seat.ready) this.#hear(seat, message)
        else if (message.kind === 'failed') lose(restoreError(message.error))
        else {
          seat.ready = true
          thread.release()
          resolve()
          this.#dispatch()
        }
      }
      const lose = (cause: unknown) => {
        if (!this.#remove(seat)) return
        reject(cause instanceof HoldfastError ? cause : workersUnavailable(cause))
        if (seat.job) this.#lost(seat.job, cause)
      }
      const thread = this.#tryThread(hear, lose)
      const seat: Seat = { thread, ready: false, job: undefined }
      this.#seats.add(seat)
      thread.post(this.#start, [])
    })
  }

  #tryThread(...listeners: Parameters<StartThread>): Thread {
    try {
      return this.#startThread(...listeners)
    } catch (cause) {
      throw workersUnavailable(cause)
    }
  }

  #hear(seat: Seat, message: FromWorker): void {
    const { job } = seat
    if (!job) return
    switch (message.kind) {
      case 'progress':
        this.#tell(job, message.done, message.total)
        break
      case 'done':
        this.#free(seat)
        job.resolve(message.result)
        break
      case 'failed':
        this.#free(seat)
        job.reject(restoreError(message.error))
    }
  }

  #tell(job: Job, done: number, total: number): void {
    try {
      job.onProgress?.(done, total)
    } catch (thrown) {
      this.#end(job, thrown)
    }
  }

  #free(seat: Seat): void {
    seat.job = undefined
    seat.thread.release()
    this.#dispatch()
  }

  /** Gives waiting jobs to idle workers. */
  #dispatch(): void {
    for (const seat of this.#seats) {
      if (!seat.ready || seat.job) continue
      const job = this.#queue.shift()
      if (!job) return
      seat.job = job
      seat.thread.hold()
      const { name, args } = job
      seat.thread.post({ kind: 'work', name, args, progress: job.onProgress !== undefined }, [...buffersOf(args)])
    }
    if (this.#queue.length > 0) this.#fillSeats()
  }

  /** Replaces workers that are gone. */
  #fillSeats(): void {
    if (this.#closed) return
    for (let missing = this.#size - this.#seats.size; missing > 0; missing--) {
      this.#addSeat().catch((cause: unknown) => {
        // Others may still do the work; when there are none, nobody waits for what will not come.
        if (this.#seats.size === 0) for (const job of [...this.#queue]) this.#end(job, cause)
      })
    }
  }

  #lost(job: Job, cause: unknown): void {
    job.reject(workerLost(cause))
    this.#fillSeats()
  }

  /** Ends a job that waits or runs; a worker that runs it goes with it. */
  #end(job: Job, error: unknown): void {
    job.reject(error)
    const place = this.#queue.indexOf(job)
    if (place >= 0) {
      this.#queue.splice(place, 1)
      wipeAll(job.args)
    } else {
      for (const seat of this.#seats) if (seat.job === job) this.#remove(seat)
      this.#fillSeats()
    }
  }

  /** @returns whether it was there. */
  #remove(seat: Seat): boolean {
    const ending = this.#seats.delete(seat) && seat.thread.terminate()
    if (!ending) return false
    this.#ending.add(ending)
    ending.finally(() => this.#ending.delete(ending))
    return true
  }
}
