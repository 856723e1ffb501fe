/** What crosses between a pool and its workers. A worker has one job at a time, so that messages need no number. */
import { ArgumentError, AuthenticationError, HoldfastError, type Remedy, type Retry, StructureError } from '@holdfast/base'
import type { Backend } from '../engine'
import type { JobName } from './jobs'

export interface Start {
  readonly kind: 'start'
  readonly backend: Backend
  /** Compiled once, by the pool; `undefined` for libsodium. */
  readonly module: WebAssembly.Module | undefined
}

export interface Work {
  readonly kind: 'work'
  readonly name: JobName
  readonly args: readonly unknown[]
  readonly progress: boolean
}

export type ToWorker = Start | Work

export type FromWorker =
  | { readonly kind: 'ready' }
  | { readonly kind: 'progress'; readonly done: number; readonly total: number }
  | { readonly kind: 'done'; readonly result: unknown }
  | { readonly kind: 'failed'; readonly error: FlatError }

/** An error as data: structured cloning keeps neither the class nor the fields of ours. */
export interface FlatError {
  readonly name: string
  readonly message: string
  readonly typed: { readonly code: string; readonly retry: Retry; readonly remedy: Remedy } | undefined
  readonly cause: FlatError | undefined
}

export function flattenError(error: unknown): FlatError {
  const { name, message, cause } = error instanceof Error ? error : new Error(String(error))
  const typed = error instanceof HoldfastError ? { code: error.code, retry: error.retry, remedy: error.remedy } : undefined
  return { name, message, typed, cause: cause === undefined ? undefined : flattenError(cause) }
}

const CLASSES: Record<string, { readonly prototype: HoldfastError }> = { ArgumentError, AuthenticationError, StructureError }

/** The error that was flattened: same class, code, remedy, retry, message and causes; the stack is this side's. */
export function restoreError({ name, message, typed, cause }: FlatError): Error {
  const because = cause && restoreError(cause)
  if (!typed) return Object.defineProperty(new Error(message, because && { cause: because }), 'name', { value: name, configurable: true })
  const error = new HoldfastError(typed.code, message, { retry: typed.retry, remedy: typed.remedy, cause: because })
  // The constructors of the subclasses word their own message; this one is worded already.
  Object.setPrototypeOf(error, (CLASSES[name] ?? HoldfastError).prototype)
  return Object.assign(error, { name })
}
