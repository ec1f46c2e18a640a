const component = '[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*'
const repository = new RegExp(`^${component}(?:/${component})*$`)
const tag = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/

/** A repository's name as OCI writes it: a path in lower case, 255 characters at most. */
export function isRepository(name: string): boolean {
  return name.length <= 255 && repository.test(name)
}

export function isTag(name: string): boolean {
  return tag.test(name)
}
