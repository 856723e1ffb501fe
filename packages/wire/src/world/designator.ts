/** What a file of a backup is: the closed set of world-backup-client §4.1, case-sensitive. */
export const DESIGNATORS = ['orb_pkg', 'document_pkg', 'credential_vault', 'face_pkg', 'anonymized_third_party_analytics'] as const

export type Designator = (typeof DESIGNATORS)[number]

export function isDesignator(name: string): name is Designator {
  return (DESIGNATORS as readonly string[]).includes(name)
}
