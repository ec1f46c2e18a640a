import type { DeskPages } from '../desk/model.ts'
import type { DiagnosisModel } from './diagnosis.ts'
import type {
  ForgotPage,
  JoinPage,
  LandingPage,
  LoginPage,
  OrganizerPage,
  ResetPage,
  WelcomePage,
} from './entry.ts'
import type { ErrorPage } from './error.ts'
import type { CommitPage, FilePage } from './evidence.ts'
import type { LeaderboardModel, LeaderboardPage } from './leaderboard.ts'
import type { MapPage, TrailModel } from './map.ts'
import type { MePage, SubmissionPage } from './own.ts'
import type { Announcement, Shell } from './shell.ts'
import type { StagePage } from './stage.ts'
import type { VerdictModel } from './verdict.ts'
import type { WorkspaceModel, WorkspacePage } from './workspace.ts'

/** Every page's name, which is its template's, and its model. */
export interface Pages extends DeskPages {
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
