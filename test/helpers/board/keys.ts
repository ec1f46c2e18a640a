import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { isIP } from 'node:net'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** Who a certificate is made for. */
export interface Holder {
  name: string
  /** Such as `/O=system:masters/CN=admin`. */
  subject: string
  extensions: string
}

// A cluster that is kept is played on for longer than one hunt.
const days = '3650'
const client = 'extendedKeyUsage=clientAuth\n'
export const holders = {
  admin: { name: 'admin', subject: '/O=system:masters/CN=admin', extensions: client },
  controllers: { name: 'controllers', subject: '/CN=system:kube-controller-manager', extensions: client },
  scheduler: { name: 'scheduler', subject: '/CN=system:kube-scheduler', extensions: client },
  kubelets: {
    name: 'kubelets',
    subject: '/O=system:masters/CN=kube-apiserver-kubelet-client',
    extensions: client,
  },
} satisfies Record<string, Holder>

/** One authority, one certificate for each component, and the key of service-account tokens. Made once. */
export async function makeKeys(folder: string): Promise<void> {
  if (existsSync(join(folder, 'sa.pub'))) return
  await mkdir(folder, { recursive: true })
  await openssl(folder, 'ecparam', '-name', 'prime256v1', '-genkey', '-noout', '-out', 'ca.key')
  const usage = 'keyUsage=critical,keyCertSign,cRLSign,digitalSignature'
  const request = ['req', '-x509', '-new', '-key', 'ca.key', '-subj', '/CN=test-board', '-days', days]
  await openssl(
    folder,
    ...request,
    '-out',
    'ca.crt',
    '-addext',
    'basicConstraints=critical,CA:TRUE',
    '-addext',
    usage,
  )
  for (const holder of Object.values(holders)) await makeCertificate(folder, holder)
  await openssl(folder, 'genrsa', '-out', 'sa.key', '2048')
  await openssl(folder, 'rsa', '-in', 'sa.key', '-pubout', '-out', 'sa.pub')
}

/** The API server's certificate, for these names and addresses beside those that a cluster calls it by. */
export async function makeServerCertificate(folder: string, hosts: readonly string[]): Promise<void> {
  const usual = [
    'kubernetes',
    'kubernetes.default',
    'kubernetes.default.svc',
    'localhost',
    '127.0.0.1',
    '10.96.0.1',
  ]
  const names = [...new Set([...usual, ...hosts])].map((one) => `${isIP(one) ? 'IP' : 'DNS'}:${one}`)
  const extensions = `subjectAltName=${names.join(',')}\nextendedKeyUsage=serverAuth\n`
  await makeCertificate(folder, { name: 'server', subject: '/CN=kube-apiserver', extensions })
}

/** `<name>.key` and `<name>.crt`, signed by the folder's authority. */
export async function makeCertificate(folder: string, { name, subject, extensions }: Holder): Promise<void> {
  await writeFile(join(folder, `${name}.ext`), extensions)
  await openssl(folder, 'ecparam', '-name', 'prime256v1', '-genkey', '-noout', '-out', `${name}.key`)
  await openssl(folder, 'req', '-new', '-key', `${name}.key`, '-subj', subject, '-out', `${name}.csr`)
  const signing = [
    '-CA',
    'ca.crt',
    '-CAkey',
    'ca.key',
    '-CAcreateserial',
    '-days',
    days,
    '-extfile',
    `${name}.ext`,
  ]
  await openssl(folder, 'x509', '-req', '-in', `${name}.csr`, ...signing, '-out', `${name}.crt`)
}

async function openssl(cwd: string, ...args: string[]): Promise<void> {
  await run('openssl', args, { cwd })
}

/** Writes a kubeconfig of one context with the certificate of `name`; gives its path. */
export async function writeKubeconfig(folder: string, name: string, server: string): Promise<string> {
  const data = async (file: string) => (await readFile(join(folder, file))).toString('base64')
  const path = join(folder, `${name}.kubeconfig`)
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'board', cluster: { server, 'certificate-authority-data': await data('ca.crt') } }],
    users: [
      {
        name,
        user: {
          'client-certificate-data': await data(`${name}.crt`),
          'client-key-data': await data(`${name}.key`),
        },
      },
    ],
    contexts: [{ name: 'board', context: { cluster: 'board', user: name } }],
    'current-context': 'board',
  }
  await writeFile(path, JSON.stringify(config), { mode: 0o600 })
  return path
}
