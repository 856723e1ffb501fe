import { isObject } from '@holdfast/base'

/**
 * Which edits a version of an object stands on: a version vector, for each installation the time of its last edit that is
 * in it. Turtl itself has nothing of the kind (turtl §6.9). It lies sealed among the private fields, where the original
 * core passes over what it does not know, and drops it when it edits:
 *
 *   "holdfast": {"version": {"<first 16 digits of a client id>": <Unix milliseconds>, …}}
 */
export type Version = Readonly<Record<string, number>>

type Fields = Readonly<Record<string, unknown>>

/** The version that private fields say they are of; `undefined` when another client wrote them. */
export function versionOf(data: object | undefined): Version | undefined {
  const mark = (data as { readonly holdfast?: unknown } | undefined)?.holdfast
  const version = isObject(mark) ? mark.version : undefined
  if (!isObject(version)) return undefined
  const entries = Object.entries(version).filter((entry): entry is [string, number] => Number.isSafeInteger(entry[1]))
  return entries.length > 0 ? Object.fromEntries(entries) : undefined
}

/** Whether `later` stands on everything that is in `earlier`; so does every version on itself. */
export function covers(later: Version, earlier: Version): boolean {
  return Object.entries(earlier).every(([device, time]) => (later[device] ?? -1) >= time)
}

/** The least version that covers both. */
export function joinVersions(one: Version = {}, other: Version = {}): Version {
  const joined: Record<string, number> = { ...one }
  for (const [device, time] of Object.entries(other)) joined[device] = Math.max(joined[device] ?? -1, time)
  return joined
}

/**
 * The version of an edit made on top of `version`.
 *
 * @param clientId 64 hex digits. @param timestampMs increasing: from a client-made id (turtl §4.2).
 */
export function nextVersion(version: Version, clientId: string, timestampMs: number): Version {
  const device = clientId.slice(0, 16)
  return { ...version, [device]: Math.max(timestampMs, (version[device] ?? -1) + 1) }
}

export function withVersion<Data extends object>(data: Data, version: Version): Data {
  const { holdfast } = data as { readonly holdfast?: unknown }
  return { ...data, holdfast: { ...(isObject(holdfast) ? holdfast : {}), version } }
}

export function withoutVersion(data: object): Fields {
  const { holdfast: _, ...rest } = data as Fields
  return rest
}
