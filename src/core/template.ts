import Handlebars from 'handlebars'

/** Longest text that a template may render to, in characters. */
const longest = 200_000
const helpers = { short: true, size: true, join: true, if: true, unless: true, each: true }

const engine = Handlebars.create()
engine.registerHelper('short', (oid: unknown) => (typeof oid === 'string' ? oid.slice(0, 7) : '–'))
engine.registerHelper('size', (value: unknown) => {
  if (Array.isArray(value) || typeof value === 'string') return value.length
  return typeof value === 'object' && value !== null ? Object.keys(value).length : 0
})
engine.registerHelper('join', (value: unknown, separator: unknown) =>
  Array.isArray(value)
    ? value.slice(0, 20).join(typeof separator === 'string' ? separator : ', ')
    : typeof value === 'string'
      ? value
      : '–',
)

/**
 * Renders an author's template. Values are data: a template inside them is not rendered, prototypes are out of reach,
 * nothing is escaped (pages escape what they show). What is missing renders as nothing.
 */
export function compileText(template: string, values: Readonly<Record<string, unknown>>): string {
  if (!template.includes('{{')) return template
  const rendered = compiled(template)(values, {
    allowProtoPropertiesByDefault: false,
    allowProtoMethodsByDefault: false,
  })
  return rendered.length > longest ? `${rendered.slice(0, longest)}…` : rendered
}

/** The fault of a template that does not compile, or null. */
export function templateFault(template: string): string | null {
  try {
    Handlebars.precompile(template, { knownHelpers: helpers, knownHelpersOnly: true })
    return null
  } catch (error) {
    return (error as Error).message.split('\n')[0] ?? 'cannot be read'
  }
}

/** Renders the templates in every string of a check's spec. */
export function renderSpec(spec: unknown, values: Readonly<Record<string, unknown>>): unknown {
  if (typeof spec === 'string') return compileText(spec, values)
  if (Array.isArray(spec)) return spec.map((item) => renderSpec(item, values))
  if (typeof spec !== 'object' || spec === null) return spec
  return Object.fromEntries(
    Object.entries(spec).map(([key, value]) => [compileText(key, values), renderSpec(value, values)]),
  )
}

// Templates come from the hunt's files: there are as many as the files have.
const cache = new Map<string, Handlebars.TemplateDelegate>()

function compiled(template: string): Handlebars.TemplateDelegate {
  const known = cache.get(template)
  if (known) return known
  const made = engine.compile(template, { noEscape: true, knownHelpers: helpers, knownHelpersOnly: true })
  if (cache.size > 5000) cache.clear()
  cache.set(template, made)
  return made
}
