/** What may be an e-mail and a password (turtl §3.2). Lengths are of the UTF-8, as the original counts. */
import { encodeUtf8, HoldfastError } from '@holdfast/base'
import { isWellFormed } from '../models/private-json'

const MIN_USERNAME_BYTES = 3
const MIN_PASSWORD_BYTES = 4

/** @throws {HoldfastError} `invalid_username`: nobody can log in with that. */
export function checkUsername(username: string): void {
  // The server takes what follows a colon for the auth token (turtl §3.6).
  if (username.includes(':') || !isWellFormed(username)) throw invalidUsername('without colons, in well-formed Unicode')
}

/** @throws {HoldfastError} `invalid_username`, `invalid_password`: nobody should begin with that. */
export function checkNewLogin(username: string, password: string): void {
  checkUsername(username)
  if (encodeUtf8(username).length < MIN_USERNAME_BYTES || !username.includes('@'))
    throw invalidUsername(`of at least ${MIN_USERNAME_BYTES} bytes, with an @`)
  if (encodeUtf8(password).length < MIN_PASSWORD_BYTES || password === 'password' || !isWellFormed(password))
    throw new HoldfastError(
      'invalid_password',
      `the password is refused: too short, too well known, or no well-formed Unicode; choose one of at least ${MIN_PASSWORD_BYTES} bytes, better a long one`,
      { remedy: 'fix-input' },
    )
}

const invalidUsername = (expected: string) =>
  new HoldfastError('invalid_username', `the username is refused: something else than an e-mail address ${expected} was given; check it`, {
    remedy: 'fix-input',
  })
