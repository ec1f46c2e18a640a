import type { X509Certificate } from 'node:crypto'
import type { Peer } from '../../lib/bounded/exchange.ts'
import type { HttpFacts } from './spec.ts'

const mostNames = 100
const longest = 255
const dayMs = 86_400_000

/** What a certificate says, bounded: the player may have made it. */
export function tellCertificate({ certificate, problem }: Peer, host: string): HttpFacts['tls'] {
  const end = Date.parse(certificate.validTo)
  return {
    issuer: certificate.issuer.split('\n').join(', ').slice(0, longest),
    names: namesOf(certificate),
    covers: certificate.checkHost(host) !== undefined,
    validFrom: rfc3339(Date.parse(certificate.validFrom)),
    validTo: rfc3339(end),
    daysLeft: Number.isNaN(end) ? 0 : Math.floor((end - Date.now()) / dayMs),
    trusted: problem === '',
    problem: problem.slice(0, longest),
  }
}

/** OpenSSL's text for the names puts whatever holds a comma or a quote in quotes. */
function namesOf({ subjectAltName = '' }: X509Certificate): string[] {
  const found = subjectAltName.matchAll(/(?:^|, )(?:DNS|IP Address):("(?:[^"\\]|\\.)*"|[^,]*)/g)
  return Array.from(found, ([, name = '']) => name.slice(0, longest)).slice(0, mostNames)
}

function rfc3339(time: number): string {
  return Number.isNaN(time) ? '' : new Date(time).toISOString()
}
