import type { Standing } from '../../core/standings.ts'
import type { Language } from '../../core/text.ts'
import type { ChallengeState } from '../../core/unlock.ts'
import type { Phase } from '../../core/window.ts'
import type { DeskResetPage, DeskWorkspacesPage } from '../desk/workspaces/model.ts'
import type { DeskPage, DeskSubmissionPage } from '../desk/model.ts'
import type { DiagnosisModel } from './diagnosis.ts'
import type { MePage, SubmissionPage, CommitPage, FilePage } from './own.ts'
import type { SubmissionLine, VerdictModel } from './verdict.ts'
import type { WorkspaceModel, WorkspacePage } from './workspace.ts'
import type { BoardPart } from '../../core/board-parts.ts'

// What routes hand to templates. Every text is already in the reader's language; templates add only their own words.
// Every form posts `_csrf`; the names of its other fields stand beside the model of its page.

/** A moment: RFC 3339 or a Date. Pages show it in the hunt's zone. */
export type Moment = Date | string

/** Who reads: nobody in particular (a page that is kept and served to all), one who is not logged in, or a member. */
export type Reader = 'anyone' | 'visitor' | Member

export interface Member {
  name: string
  /** null for an organizer who does not play. */
  slug: string | null
  organizer: boolean
}

export interface HuntClock {
  phase: Phase
  start: Moment | null
  end: Moment | null
  freeze: Moment | null
  frozen: boolean
  paused: boolean
  /** IANA name. */
  timezone: string
}

/** What the frame around every page needs. `POST /language` {language, back}, `POST /logout`. */
export interface Shell {
  huntName: string
  language: Language
  languages: readonly Language[]
  now: Moment
  clock: HuntClock
  reader: Reader
  /** Empty on pages that are kept and served to all. */
  csrf: string
  /** Path with query of this page: where the language switch comes back to, and what the navigation marks as current. */
  path: string
  announcement: Announcement | null
  /** A line for the page that follows a redirect. `code` is a key of `flash` in the locales. */
  flash: { kind: 'success' | 'error' | 'info'; code: string; values?: Record<string, string | number> } | null
}

export interface Announcement {
  text: string
  at: Moment
}

/** Why a form came back: codes of refusals (keys of `refusal` in the locales, else `text` is shown) by field; `form` for the whole. */
export type FormErrors = Readonly<Record<string, { code: string; text?: string }>>

export interface FormState {
  /** What was typed, never a password. */
  values: Readonly<Record<string, string>>
  errors: FormErrors
}

export interface StageRef {
  id: string
  order: number
  title: string
}

/** `/` */
export interface LandingPage {
  teaser: string
  registration: 'open' | 'code' | 'closed'
  stages: number
  players: number
  top: LeaderboardModel
  /** Those who solved every stage, in the order of their arrival, at most ten. */
  reachedCity: readonly { name: string; at: Moment }[]
}

/** `/join`: POST {name, password, email, code, language} */
export interface JoinPage {
  registration: 'open' | 'code' | 'closed'
  form: FormState
}

/** `/login`: POST {name, password, next} */
export interface LoginPage {
  /** Path to go to afterwards; '' for the map. */
  next: string
  form: FormState
}

/** `/forgot` */
export type ForgotPage = object

/** `/reset/:token`: POST {password} to the same address. */
export interface ResetPage {
  token: string
  /** Whose password it is. */
  name: string
  form: FormState
}

/** `/organizer/:token`: POST {} to the same address. */
export interface OrganizerPage {
  token: string
}

/** `/welcome`: after registering, the one time that the token is seen. */
export interface WelcomePage {
  name: string
  token: string
  workspace: WorkspaceModel
  /** Where the trail begins, null before the start. */
  first: StageRef | null
}

export interface TrailStage extends StageRef {
  teaser: string
  points: number
  state: ChallengeState
  after: readonly string[]
  /** Parts that the board lacks, where the state is `unavailable`. */
  lacks: readonly BoardPart[]
  /** How many solved it. */
  solves: number
  solvedAt: Moment | null
  /** This player was the first. */
  first: boolean
}

/** Partial `map-trail`. */
export interface TrailModel {
  stages: readonly TrailStage[]
}

/** `/map` */
export interface MapPage {
  teaser: string
  trail: TrailModel
  own: OwnStanding
  workspace: WorkspaceModel
  reachedCity: boolean
}

export interface OwnStanding {
  name: string
  slug: string
  score: number
  /** null while hidden. */
  rank: number | null
  total: number
  solved: number
  hidden: boolean
}

/** `/hunt/:id`: POST …/check {answer?}, …/hints/:number {}, …/reset {}; GET ?lang= reads the story in another language. */
export interface StagePage {
  stage: StageRef & {
    points: number
    state: ChallengeState
    repository: string | null
    images: readonly string[]
    retired: boolean
  }
  /** HTML, already safe. */
  story: string
  storyLanguage: Language
  storyLanguages: readonly Language[]
  /** Names of what will be checked, in order; the verdict panel says how each went. */
  checks: readonly string[]
  hints: readonly HintModel[]
  /** What the hints taken so far cost. */
  hintsCost: number
  /** The lines to type, with this player's values; null where there are none. */
  commands: string | null
  /** The line that logs in to the registry; null where the stage does not need it. */
  login: string | null
  /** Who asks for the player's token. */
  asks: 'git' | 'registry' | 'both'
  answer: { wanted: boolean; form: FormState }
  verdict: VerdictModel
  /** null where the stage is not on the cluster, or is solved. */
  diagnosis: DiagnosisModel | null
  history: readonly SubmissionLine[]
  previous: StageRef | null
  next: StageRef | null
  solves: number
}

export interface HintModel {
  number: number
  price: number
  taken: boolean
  /** HTML, already safe; only once taken. */
  text: string | null
  /** The next one that may be taken. */
  available: boolean
}

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

/** Any error. `code` is a key of `refusal` in the locales; where it has no text there, `detail`, else the status speaks. */
export interface ErrorPage {
  status: number
  code: string
  detail: string | null
  requestId: string
  /** Seconds. */
  retryAfter: number | null
  /** For `locked`: what has to be solved first. */
  missing: readonly StageRef[]
  /** For `form-expired`: the page that holds the form, a path. */
  back: string | null
}

/** Every page's name, which is its template's, and its model. */
export interface Pages {
  landing: LandingPage
  join: JoinPage
  login: LoginPage
  forgot: ForgotPage
  reset: ResetPage
  organizer: OrganizerPage
  welcome: WelcomePage
  map: MapPage
  workspace: WorkspacePage
  stage: StagePage
  leaderboard: LeaderboardPage
  me: MePage
  submission: SubmissionPage
  commit: CommitPage
  file: FilePage
  desk: DeskPage
  'desk-submission': DeskSubmissionPage
  'desk-workspaces': DeskWorkspacesPage
  'desk-workspace-reset': DeskResetPage
  error: ErrorPage
}

/** Fragments that a page and the live connection both render; `shell` gives zone, language and CSRF. */
export interface Partials {
  verdict: VerdictModel
  'leaderboard-rows': LeaderboardModel
  'map-trail': TrailModel
  announcement: { announcement: Announcement | null }
  workspace: WorkspaceModel
  diagnosis: DiagnosisModel
}

/** The frame comes with every page. */
export type PageModel<Name extends keyof Pages> = Pages[Name] & { shell: Shell }
export type PartialModel<Name extends keyof Partials> = Partials[Name] & { shell: Shell }
