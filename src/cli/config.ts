import { options, printable, readConfig, variableOf } from '../config.ts'

export function printConfig({ format, markdown }: { format: string; markdown?: boolean }): void {
  if (markdown) return void process.stdout.write(configurationTable())
  const config = readConfig()
  const shown = printable(config)
  if (format === 'json') return void process.stdout.write(`${JSON.stringify(shown, null, 2)}\n`)
  if (config.dotenv) process.stdout.write(`# with ${config.dotenv}\n`)
  for (const [name, value] of Object.entries(shown)) process.stdout.write(`${name}=${value}\n`)
}

/** The table of docs/configuration.md, made from the options themselves. */
export function configurationTable(): string {
  const rows = Object.entries(options).map(([key, option]) => {
    const name = `\`${variableOf(key)}\`${'secret' in option ? `, \`${variableOf(key)}_FILE\`` : ''}`
    const fallback = 'fallback' in option ? `\`${option.fallback}\`` : '–'
    return `| ${name} | ${fallback} | ${option.about} | \`${option.example}\` |`
  })
  return ['| variable | default | what it does | example |', '| --- | --- | --- | --- |', ...rows, ''].join(
    '\n',
  )
}
