import type { TrailStage } from '../models/map.ts'
import { placeLabels, type TrailLabel } from './trail-labels.ts'

/** `wide` climbs from left to right, `tall` (for a phone) from the bottom to the top. */
export type TrailShape = 'wide' | 'tall'

export interface TrailNode extends TrailStage {
  x: number
  y: number
  /** Its title; null where there is no room for it, and on a phone. */
  label: TrailLabel | null
}

export interface Trail {
  width: number
  height: number
  nodes: TrailNode[]
  /** One curve for each prerequisite; `walked` when that prerequisite is solved. */
  edges: { d: string; walked: boolean }[]
}

/** Places the stages: as far along the trail as their longest chain of prerequisites, those of the same length side by side. */
export function layTrail(stages: readonly TrailStage[], shape: TrailShape): Trail {
  const depths = depthsOf(stages)
  const last = Math.max(0, ...depths.values())
  const size = shape === 'wide' ? { width: 1120, height: 480 } : { width: 360, height: 150 + last * 110 }
  const placed = stages.map((stage) => {
    const depth = depths.get(stage.id) ?? 0
    const beside = stages.filter((one) => depths.get(one.id) === depth)
    const spot = {
      along: last === 0 ? 0.5 : depth / last,
      lane: beside.indexOf(stage) - (beside.length - 1) / 2,
      beside: beside.length,
      odd: depth % 2 === 1,
    }
    const { x, y } = shape === 'wide' ? placeWide(spot, size) : placeTall(spot, size)
    return { ...stage, x, y }
  })
  const labels = shape === 'wide' ? placeLabels(placed, size) : []
  const nodes = placed.map((node, index) => ({ ...node, label: labels[index] ?? null }))
  const byId = new Map(nodes.map((node) => [node.id, node]))
  const edges = nodes.flatMap((node) =>
    node.after.flatMap((id) => {
      const from = byId.get(id)
      return from ? [{ d: curve(from, node, shape), walked: from.state === 'solved' }] : []
    }),
  )
  return { ...size, nodes, edges }
}

interface Spot {
  /** 0 at the foot of the trail, 1 at its end. */
  along: number
  /** 0 in the middle, whole steps apart. */
  lane: number
  /** How many are equally far. */
  beside: number
  odd: boolean
}

interface Size {
  width: number
  height: number
}

function placeWide({ along, lane, beside, odd }: Spot, { width, height }: Size) {
  const sway = beside === 1 ? (odd ? -16 : 16) : 0
  return {
    x: Math.round(140 + along * (width - 280) + lane * 30),
    y: Math.round(height - 165 - along * (height - 265) + (lane * 280) / beside + sway),
  }
}

function placeTall({ along, lane, beside, odd }: Spot, { width, height }: Size) {
  const sway = beside === 1 ? (odd ? 56 : -56) : 0
  return {
    x: Math.round(width / 2 + lane * Math.min(180, 300 / beside) + sway),
    y: Math.round(height - 75 - along * (height - 150)),
  }
}

/** The length of the longest chain of prerequisites before each stage. A hunt has no cycle: loading it refuses one. */
function depthsOf(stages: readonly TrailStage[]): Map<string, number> {
  const byId = new Map(stages.map((stage) => [stage.id, stage]))
  const depths = new Map<string, number>()
  const depthOf = (stage: TrailStage): number => {
    const known = depths.get(stage.id)
    if (known !== undefined) return known
    const before = stage.after.flatMap((id) => byId.get(id) ?? [])
    const depth = before.length === 0 ? 0 : 1 + Math.max(...before.map(depthOf))
    depths.set(stage.id, depth)
    return depth
  }
  for (const stage of stages) depthOf(stage)
  return depths
}

function curve(from: TrailNode, to: TrailNode, shape: TrailShape): string {
  const start = `M${from.x} ${from.y}`
  if (shape === 'wide') {
    const middle = Math.round((from.x + to.x) / 2)
    return `${start}C${middle} ${from.y} ${middle} ${to.y} ${to.x} ${to.y}`
  }
  const middle = Math.round((from.y + to.y) / 2)
  return `${start}C${from.x} ${middle} ${to.x} ${middle} ${to.x} ${to.y}`
}
