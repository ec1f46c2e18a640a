import Handlebars from 'handlebars'
import { readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { Language } from '../../core/text.ts'
import type { PageModel, Pages, PartialModel, Partials } from '../models/pages.ts'
import { createTexts } from './texts.ts'
import { createHelpers } from './helpers.ts'

export interface Views {
  page<Name extends keyof Pages>(name: Name, model: PageModel<Name>, language: Language): string
  /** A fragment alone, exactly as the page that holds it renders it. */
  partial<Name extends keyof Partials>(name: Name, model: PartialModel<Name>, language: Language): string
}

/** Reads every template below `root` (`layouts`, `pages`, `partials`); a template that cannot be parsed, or names an unknown helper, throws here. */
export function createViews({ root, languages }: { root: string; languages: readonly Language[] }): Views {
  const engine = Handlebars.create()
  const helpers = createHelpers(createTexts(languages))
  engine.registerHelper(helpers)
  const knownHelpers = Object.fromEntries(Object.keys(helpers).map((name) => [name, true]))
  // Indented partials would indent what players copy from them.
  const options = { knownHelpers, knownHelpersOnly: true, preventIndent: true }

  const compile = (folder: string) => {
    const files = readdirSync(join(root, folder)).filter((file) => file.endsWith('.hbs'))
    return files.map((file) => {
      const ast = engine.parse(readFileSync(join(root, folder, file), 'utf8'), { srcName: file })
      engine.precompile(ast, options)
      return [basename(file, '.hbs'), engine.compile(ast, options)] as const
    })
  }
  const partials = new Map([...compile('layouts'), ...compile('partials')])
  for (const [name, template] of partials) engine.registerPartial(name, template)
  const pages = new Map(compile('pages'))

  const render = (templates: typeof pages, name: string, model: object, language: Language) => {
    const template = templates.get(name)
    if (!template) throw new Error(`no template ${name}.hbs`)
    return template(model, { data: { language } })
  }
  return {
    page: (name, model, language) => render(pages, name, model, language),
    partial: (name, model, language) => render(partials, name, model, language),
  }
}
