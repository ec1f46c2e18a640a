export interface TrailLabel {
  /** One, or two where one would be long; the first stands at `y`. */
  lines: { text: string; y: number }[]
  x: number
  anchor: 'start' | 'middle' | 'end'
}

interface Spot {
  title: string
  x: number
  y: number
}

interface Box {
  left: number
  right: number
  top: number
  bottom: number
}

const lineHeight = 21
/** Of the serif in which titles are set at 18 px; rather too much than too little. */
const letterWidth = 9
const discRadius = 28
const longLine = 15

/** Where titles may stand without meeting a disc, the edge, or each other; null for those that find no place. */
export function placeLabels(
  spots: readonly Spot[],
  { width, height }: { width: number; height: number },
): (TrailLabel | null)[] {
  const taken = spots.map(({ x, y }) => around(x, y))
  return spots.map((spot) => {
    for (const label of candidates(spot)) {
      const box = boxOf(label)
      const inside = box.left >= 0 && box.right <= width && box.top >= 0 && box.bottom <= height
      if (!inside || taken.some((other) => meet(box, other))) continue
      taken.push(box)
      return label
    }
    return null
  })
}

/** Below, above, to the right, to the left: each on one line or on two, as the title is long. */
function candidates({ title, x, y }: Spot): TrailLabel[] {
  const texts = linesOf(title)
  const put = (dx: number, first: number, anchor: TrailLabel['anchor']): TrailLabel => ({
    x: x + dx,
    anchor,
    lines: texts.map((text, index) => ({ text, y: y + first + index * lineHeight })),
  })
  const more = (texts.length - 1) * lineHeight
  const beside = 6 - more / 2
  return [
    put(0, 50, 'middle'),
    put(0, -38 - more, 'middle'),
    put(36, beside, 'start'),
    put(-36, beside, 'end'),
  ]
}

/** Cut where both halves come out about as long. */
function linesOf(title: string): string[] {
  if (title.length <= longLine) return [title]
  const cuts = [...title.matchAll(/ /g)].map(({ index }) => index)
  const middle = title.length / 2
  const [best] = cuts.sort((a, b) => Math.abs(a - middle) - Math.abs(b - middle))
  return best === undefined ? [title] : [title.slice(0, best), title.slice(best + 1)]
}

function boxOf({ lines, x, anchor }: TrailLabel): Box {
  const wide = Math.max(...lines.map(({ text }) => text.length)) * letterWidth
  const left = anchor === 'start' ? x : anchor === 'end' ? x - wide : x - wide / 2
  const ys = lines.map(({ y }) => y)
  return { left, right: left + wide, top: Math.min(...ys) - 15, bottom: Math.max(...ys) + 6 }
}

function around(x: number, y: number): Box {
  return { left: x - discRadius, right: x + discRadius, top: y - discRadius, bottom: y + discRadius }
}

function meet(a: Box, b: Box): boolean {
  return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom
}
