import helmet from 'helmet'
import type { RequestHandler } from 'express'

/** Strict policy, without `upgrade-insecure-requests` and HSTS: a LAN plays on plain HTTP; TLS is the proxy's, and so is HSTS. */
export function setUpHeaders(): RequestHandler {
  return helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        'default-src': ["'none'"],
        'script-src': ["'self'"],
        'style-src': ["'self'"],
        'img-src': ["'self'", 'data:'],
        'font-src': ["'self'"],
        'connect-src': ["'self'"],
        'worker-src': ["'self'"],
        'form-action': ["'self'"],
        'base-uri': ["'none'"],
        'frame-ancestors': ["'none'"],
        'manifest-src': ["'self'"],
      },
    },
    strictTransportSecurity: false,
    referrerPolicy: { policy: 'same-origin' },
    crossOriginOpenerPolicy: { policy: 'same-origin' },
    // Browsers ignore the policy on plain HTTP and complain about the header.
    originAgentCluster: false,
  })
}
