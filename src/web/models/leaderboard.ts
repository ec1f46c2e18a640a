import type { Standing } from '../../core/standings.ts'
import type { StageRef } from './shell.ts'

/** Partial `leaderboard-rows`, and the table around it. */
export interface LeaderboardModel {
  stages: readonly (StageRef & { points: number })[]
  rows: readonly Standing[]
  /** Challenge id to the slug of its first solver. */
  first: Readonly<Record<string, string>>
  total: number
  version: number
}

/** `/leaderboard`; `?page=` counts from 1, `?screen` is for the room. */
export interface LeaderboardPage {
  board: LeaderboardModel
  page: number
  pages: number
  screen: boolean
  /** Absolute address where one joins, for the screen. */
  joinUrl: string
}
