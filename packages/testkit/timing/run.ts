/** The timing tests, bundled and run by scripts/timing.mjs. Prints one line a subject; exit code 1 for a leak that repeats. */
import { platformRandom, type Random } from '@holdfast/base'
import { type Backend, init } from '@holdfast/crypto'
import { seededRandom } from '../src/seeded-random'
import { compareTimings, type TimingResult, type TimingSubject } from '../src/timing/compare-timings'
import { leakyControl, timingSubjects } from '../src/timing/timing-subjects'

interface Options {
  readonly backends: readonly Backend[]
  readonly samples: number
  readonly seed: string
  readonly json: boolean
}

/** One |t| above this may be noise; only the same sign in every repeat, on fresh inputs, is a leak. */
const SUSPICIOUS = 4.5
const REPEATS = 3

interface Row extends TimingResult {
  readonly backend: string
  readonly verdict: 'no leak seen' | 'leak' | 'found, as it must be' | 'not found'
  readonly repeats: readonly number[]
}

const options: Options = JSON.parse(process.argv[2] ?? '{}')
const now = () => Number(process.hrtime.bigint())
const rows: Row[] = []

for (const backend of options.backends) {
  let next: Uint8Array | undefined
  const random: Random = (length) => (next?.length === length ? new Uint8Array(next) : platformRandom(length))
  const engine = await init({ backend, random })
  const feed = (bytes: Uint8Array) => {
    next = bytes
  }
  for (const subject of timingSubjects(engine, feed)) judge(backend, subject)
}
const control = compareTimings(leakyControl(), { samples: 2000, random: seededRandom(`${options.seed}/control`), now })
rows.push({ ...control, backend: '-', repeats: [], verdict: Math.abs(control.t) > SUSPICIOUS ? 'found, as it must be' : 'not found' })
show()

const failed = rows.filter(({ verdict }) => verdict === 'leak' || verdict === 'not found').length
if (options.json) console.log(JSON.stringify({ seed: options.seed, rows }, null, 2))
else console.log(`\n${rows.length - failed} passed, ${failed} failed, 0 skipped`)
process.exitCode = failed === 0 ? 0 : 1

function judge(backend: Backend, subject: TimingSubject<never>): void {
  const measure = (attempt: number) =>
    compareTimings(subject, {
      samples: options.samples,
      random: seededRandom(`${options.seed}/${backend}/${subject.name}/${attempt}`),
      now,
    })
  const first = measure(0)
  const repeats: number[] = []
  while (repeats.length < REPEATS && confirms(first.t, repeats.at(-1) ?? first.t)) repeats.push(measure(repeats.length + 1).t)
  const leaks = repeats.length === REPEATS && confirms(first.t, repeats.at(-1) ?? 0)
  rows.push({ ...first, backend, repeats, verdict: leaks ? 'leak' : 'no leak seen' })
}

function confirms(first: number, t: number): boolean {
  return Math.abs(t) > SUSPICIOUS && Math.sign(t) === Math.sign(first)
}

function show(): void {
  const table = rows.map((row) => [
    row.backend,
    row.name,
    row.classes,
    `2 × ${row.samples}`,
    `${(row.medianNs / 1000).toFixed(1)} µs`,
    [row.t, ...row.repeats].map((t) => t.toFixed(1)).join(', '),
    row.verdict,
  ])
  const lines = [['engine', 'subject', 'classes', 'times', 'median', 't (repeats)', 'verdict'], ...table]
  const widths = lines[0]?.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0))) ?? []
  for (const line of lines)
    console.error(
      line
        .map((text, column) => text.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
}
