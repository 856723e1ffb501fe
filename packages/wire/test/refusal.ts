import { HoldfastError } from '@holdfast/base'

/** The code a call is refused with. A crash that is no `HoldfastError` goes through; success is `undefined`. */
export function codeOf(call: () => unknown): string | undefined {
  try {
    call()
    return undefined
  } catch (error) {
    if (error instanceof HoldfastError) return error.code
    throw error
  }
}
