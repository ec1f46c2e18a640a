import Handlebars, { type HelperOptions } from 'handlebars'
import type { Language } from '../../core/text.ts'
import { formatBytes } from './bytes.ts'
import { emptyForm } from '../request/form.ts'
import type { TrailStage } from '../models/map.ts'
import type { FormState, Member, Moment, Shell, StageRef } from '../models/shell.ts'
import type { SubmissionLine } from '../models/verdict.ts'
import type { Texts } from './texts.ts'
import { formatNumber } from '../../core/number-words.ts'
import { formatTime, type TimeStyle } from '../../core/time-words.ts'
import { layTrail, type TrailShape } from './trail.ts'
import { shortId } from '../../core/short-id.ts'

interface Data {
  language: Language
  root: { shell: Shell }
}

const dataOf = (options: HelperOptions) => options.data as Data
const escape = (text: string) => Handlebars.escapeExpression(text)

/** What templates may call. Everything is escaped by the engine, but for what is built here as `SafeString`. */
export function createHelpers({ t, has }: Texts): Record<string, Handlebars.HelperDelegate> {
  const code = (prefix: string, name: string, fallback: unknown, options: HelperOptions) => {
    const { language } = dataOf(options)
    const key = `${prefix}.${name}`
    const { values, ...hash } = options.hash as Record<string, unknown>
    if (has(language, key)) return t(language, key, { ...hash, ...(values as Record<string, unknown>) })
    return typeof fallback === 'string' && fallback !== '' ? fallback : name
  }
  return {
    t: (key: string, options: HelperOptions) =>
      t(dataOf(options).language, key, options.hash as Record<string, unknown>),
    /** The text of a code that comes from elsewhere (a refusal, an audit entry), else the fallback, else the code. */
    code: (prefix: string, name: string, fallback: unknown, options: HelperOptions) =>
      code(prefix, name, fallback, options),
    time: (at: Moment, style: TimeStyle, options: HelperOptions) => {
      const { language, root } = dataOf(options)
      const date = new Date(at)
      const text = formatTime(date, style, language, root.shell.clock.timezone)
      const full = formatTime(date, 'full', language, root.shell.clock.timezone)
      const title = text === full ? '' : ` title="${escape(full)}"`
      return new Handlebars.SafeString(
        `<time datetime="${date.toISOString()}"${title}>${escape(text)}</time>`,
      )
    },
    errorTitle: (status: number, _code: string, options: HelperOptions) => {
      const { language } = dataOf(options)
      return t(
        language,
        has(language, `errors.${status}`)
          ? `errors.${status}`
          : status >= 500
            ? 'errors.ours'
            : 'errors.yours',
      )
    },
    errorText: (
      status: number,
      name: string,
      detail: string | null,
      values: Readonly<Record<string, unknown>>,
      options: HelperOptions,
    ) => {
      const { language } = dataOf(options)
      if (has(language, `refusal.${name}`)) return t(language, `refusal.${name}`, values)
      return detail ?? t(language, status >= 500 ? 'errors.oursText' : 'errors.yoursText')
    },
    flashText: ({ code: name, values = {} }: NonNullable<Shell['flash']>, options: HelperOptions) =>
      t(dataOf(options).language, `flash.${name}`, values),
    iso: (at: Moment) => new Date(at).toISOString(),
    number: (value: number, options: HelperOptions) => formatNumber(value, dataOf(options).language),
    bytes: (value: number, options: HelperOptions) => formatBytes(value, dataOf(options).language),
    icon: (name: string) =>
      new Handlebars.SafeString(
        `<svg class="icon" aria-hidden="true" width="20" height="20"><use href="/assets/icons.svg#${escape(name)}"/></svg>`,
      ),
    trail: (stages: readonly TrailStage[], shape: TrailShape) => layTrail(stages, shape),
    html: (safe: string) => new Handlebars.SafeString(safe),
    ...plain,
    ...about,
  }
}

/** How a submission reads: its verdict once there is one, else where it stands. */
function toneOf({ status, verdict }: Pick<SubmissionLine, 'status' | 'verdict'>) {
  if (status === 'done') return verdict
  if (status === 'waiting') return verdict ?? 'waiting'
  return status === 'superseded' ? status : 'judging'
}

const plain = {
  short: shortId,
  order: (order: number) => String(order).padStart(2, '0'),
  eq: (a: unknown, b: unknown) => a === b,
  not: (value: unknown) => Handlebars.Utils.isEmpty(value),
  and: (...all: unknown[]) => all.slice(0, -1).every((one) => !Handlebars.Utils.isEmpty(one)),
  or: (...all: unknown[]) => all.slice(0, -1).find((one) => !Handlebars.Utils.isEmpty(one)),
  gt: (a: number, b: number) => a > b,
  plus: (a: number, b: number) => a + b,
  concat: (...parts: unknown[]) => parts.slice(0, -1).join(''),
  upper: (text: string) => text.toUpperCase(),
  size: (value: unknown) => (typeof value === 'object' && value !== null ? Object.keys(value).length : 0),
  tone: toneOf,
  /** The word for it, which says beside of what is held back what it waits for. */
  standing: (line: Pick<SubmissionLine, 'status' | 'verdict' | 'held'>) =>
    line.held === null ? toneOf(line) : `kept-${line.held}`,
  stageTitle: (id: string, stages: readonly StageRef[]) =>
    stages.find((stage) => stage.id === id)?.title ?? id,
  orEmpty: (form: FormState | undefined) => form ?? emptyForm,
  lines: (text: string) => text.replace(/\n$/, '').split('\n'),
  encode: (text: string) => encodeURIComponent(text),
}

const about = {
  /** The member who reads, or null. */
  member: (options: HelperOptions): Member | null => {
    const { reader } = dataOf(options).root.shell
    return typeof reader === 'object' ? reader : null
  },
  visitor: (options: HelperOptions) => dataOf(options).root.shell.reader === 'visitor',
  /** Whether this page's path is the given one or below it. */
  at: (path: string, options: HelperOptions) => {
    const here = dataOf(options).root.shell.path.split('?')[0] ?? ''
    return here === path || (path !== '/' && here.startsWith(`${path}/`))
  },
}
