/** The statuses of the original server (turtl §7.1). */
export type RefusalStatus = 400 | 403 | 404 | 409 | 413 | 500

/** An answer that is no success: `{"error": {"message": …}}` with this status, or the `error` of a failed sync record. */
export class Refusal extends Error {
  readonly status: RefusalStatus

  constructor(status: RefusalStatus, message: string) {
    super(message)
    this.status = status
  }
}
