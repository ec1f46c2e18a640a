export interface BearerChallenge {
  /** Where tokens are to be had. */
  realm: string
  service: string
}

/** What a `WWW-Authenticate` asks for; null where that is no token, or not said in full. */
export function challengeIn(header: string | null | undefined): BearerChallenge | null {
  if (!/^Bearer /i.test(header ?? '')) return null
  const value = (name: string) => new RegExp(`[ ,]${name}="([^"]{1,500})"`, 'i').exec(header ?? '')?.[1]
  const [realm, service] = [value('realm'), value('service')]
  if (realm === undefined || service === undefined || !URL.canParse(realm)) return null
  return { realm, service }
}
