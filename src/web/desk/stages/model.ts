import type { StageRef } from '../../models/shell.ts'

/** How many players tried a stage, and how many solved it. */
export interface DeskStage extends StageRef {
  tried: number
  solved: number
}
