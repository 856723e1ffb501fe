import { HoldfastError } from '@holdfast/base'
import type { PoolErrorCode } from './api'

type PoolError = HoldfastError<PoolErrorCode>

export function aborted(cause: unknown): PoolError {
  return new HoldfastError('aborted', 'the job was aborted: its signal fired; ask for it again when it is wanted after all', {
    retry: { safe: true },
    remedy: 'retry',
    cause,
  })
}

export function workerLost(cause: unknown): PoolError {
  return new HoldfastError(
    'worker_lost',
    'the worker died during the job: this job has no result; another worker takes its place, ask again (a job that kills its worker each time may need more memory than there is)',
    { retry: { safe: true }, remedy: 'retry', cause },
  )
}

export function workersUnavailable(cause: unknown): PoolError {
  return new HoldfastError(
    'workers_unavailable',
    "no worker could be started: the platform has none, or its script was not found or is refused; allow 'self' in the content security policy's worker-src, pass `worker` if a bundler left the script behind, or use the engine itself",
    { remedy: 'change-environment', cause },
  )
}

export function poolClosed(): PoolError {
  return new HoldfastError('pool_closed', 'the pool is closed: the job was not done; start another pool', { remedy: 'fix-call' })
}
