/** The goals as bars, on a scale on which twice as fast is the same length everywhere. */
import { groupBy } from './group-by'
import type { GoalResult, Results } from './results'

const LEFT = 330
const WIDTH = 520
const LINE = 13
const GAP = 9
const TOP = 54
const [LEAST, MOST] = [0.5, 64]
const COLOURS = ['#2f6f8f', '#e0a33a', '#7a9e5a']

const x = (ratio: number): number => LEFT + (WIDTH * Math.log2(Math.min(Math.max(ratio, LEAST), MOST) / LEAST)) / Math.log2(MOST / LEAST)

export function chartOf({ goals }: Results): string {
  const runtimes = [...new Set(goals.map(({ runtime }) => runtime))]
  const groups = [...groupBy(goals, labelOf)]
  const height = (LINE * runtimes.length + GAP) * groups.length
  const ticks = [0.5, 1, 2, 4, 8, 16, 32, 64]
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${LEFT + WIDTH + 60} ${TOP + height + 20}" font-family="system-ui, sans-serif" font-size="11">`,
    '<title>How many times faster than the base: median of the rounds, and the floor of each goal</title>',
    '<rect width="100%" height="100%" fill="#fff"/>',
    ...runtimes.map((runtime, i) => legend(LEFT + 120 * i, COLOURS[i] ?? '#888', runtime)),
    `<rect x="${LEFT + 120 * runtimes.length}" y="9" width="3" height="12" fill="#b3261e"/>${text(LEFT + 120 * runtimes.length + 9, 19, 'floor of the goal')}`,
    ...ticks.map(
      (tick) =>
        `<line x1="${at(tick)}" x2="${at(tick)}" y1="${TOP - 6}" y2="${TOP + height}" stroke="${tick === 1 ? '#555' : '#ddd'}"/>${text(x(tick), TOP - 12, `${tick}×`, 'middle')}`,
    ),
    ...groups.map(([label, group], index) => bars(label, group, runtimes, TOP + (LINE * runtimes.length + GAP) * index)),
    '</svg>',
  ].join('\n')}\n`
}

const labelOf = ({ goal, against }: GoalResult): string =>
  `${goal.name}${goal.variant ? `, ${goal.variant}` : ''} (${goal.contract})${goal.against ? ` against ${against}` : ''}`

function bars(label: string, group: readonly GoalResult[], runtimes: readonly string[], top: number): string {
  const height = LINE * runtimes.length
  const floor = group[0]?.goal.floor ?? 1
  return [
    text(LEFT - 10, top + height / 2 + 4, label, 'end'),
    ...group.map(({ runtime, median }) => {
      const row = runtimes.indexOf(runtime)
      const [from, to] = [Math.min(x(1), x(median)), Math.max(x(1), x(median))]
      const y = top + LINE * row
      return `<rect x="${round(from)}" y="${y}" width="${round(to - from)}" height="${LINE - 2}" fill="${COLOURS[row] ?? '#888'}"/>${text(to + 5, y + 9, median.toFixed(2))}`
    }),
    `<rect x="${round(x(floor) - 1.5)}" y="${top - 2}" width="3" height="${height + 2}" fill="#b3261e"/>`,
  ].join('')
}

const legend = (left: number, colour: string, name: string): string =>
  `<rect x="${left}" y="10" width="10" height="10" fill="${colour}"/>${text(left + 15, 19, name)}`
const text = (left: number, y: number, words: string, anchor = 'start'): string =>
  `<text x="${round(left)}" y="${round(y)}" text-anchor="${anchor}">${words}</text>`
const at = (ratio: number): number => round(x(ratio))
const round = (value: number): number => Math.round(value * 10) / 10
