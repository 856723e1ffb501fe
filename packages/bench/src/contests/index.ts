/** Every contest of the benchmarks, by operation, in the order they are reported. */
import type { Lab } from '../lab'
import type { Contest } from '../measure'
import { openContest, SIZES, sealContest } from './aead'
import { BATCH_SIZES, openBatchContest, sealBatchContest } from './batches'
import { CONTENTS, packContest, unpackContest } from './container'
import { blake2bContest, blake3Contest, HASH_SIZES } from './hash'
import { argon2idContest, scryptContest, subkeyContest } from './kdf'
import { boxOpenContest, boxOpenManyContest, boxSealContest, boxSealDistinctContest, boxSealOneContest, tableContest } from './sealed-box'
import { bulkOpenContest, bulkSealContest } from './secretbox'
import { decryptAccountContest, openAccountContest } from './turtl'
import { publicKeyContest, publicKeysContest, sharedSecretContest, sharedSecretsContest } from './x25519'

/** Each prepares its contest when called: inputs are made when their turn comes, and go afterwards. */
export function contestsOf(lab: Lab): readonly (() => Contest | Promise<Contest>)[] {
  const { reference } = lab
  return [
    ...SIZES.flatMap((size) => [() => sealContest(lab, size), () => openContest(lab, size)]),
    () => bulkSealContest(lab),
    () => bulkOpenContest(lab),
    ...BATCH_SIZES.flatMap((size) => [() => sealBatchContest(lab, size), () => openBatchContest(lab, size)]),
    () => sharedSecretContest(lab),
    () => publicKeyContest(lab),
    () => sharedSecretsContest(lab),
    () => publicKeysContest(lab),
    () => boxSealContest(lab),
    () => boxOpenContest(lab),
    () => tableContest(lab),
    () => boxSealDistinctContest(lab),
    () => boxSealOneContest(lab),
    () => boxOpenManyContest(lab),
    () => decryptAccountContest(lab),
    () => openAccountContest(lab),
    () => subkeyContest(lab),
    () => scryptContest(lab),
    () => argon2idContest(lab),
    ...HASH_SIZES.flatMap((size) => [() => blake2bContest(lab, size), () => blake3Contest(lab, size)]),
    ...(reference
      ? CONTENTS.flatMap((content) => [() => packContest(lab, reference, content), () => unpackContest(lab, reference, content)])
      : []),
  ]
}
