import { webcrypto } from 'node:crypto'
import * as x509 from '@peculiar/x509'
import type { TLSOptions } from '../src/options.ts'

x509.cryptoProvider.set(webcrypto as Crypto)

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
const hour = 3_600_000

/** Somebody who signs certificates. */
export interface Authority {
  readonly cert: string
  /** A certificate for a peer that is reached by these names and addresses, and its key. */
  issue(...hosts: readonly string[]): Promise<TLSOptions>
}

/** Makes an authority for the length of a test. */
export async function newAuthority(name = 'Test CA'): Promise<Authority> {
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  const issuer = `CN=${name}`
  const own = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: '01',
    name: issuer,
    ...validity(),
    signingAlgorithm: algorithm,
    keys,
    extensions: [new x509.BasicConstraintsExtension(true, 1, true)],
  })
  const cert = own.toString('pem')
  let issued = 1
  return {
    cert,
    async issue(...hosts) {
      const leaf = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
      const names = hosts.map((host) => ({ type: isAddress(host) ? 'ip' : 'dns', value: host }) as const)
      const signed = await x509.X509CertificateGenerator.create({
        serialNumber: (++issued).toString(16).padStart(2, '0'),
        subject: `CN=${hosts[0]}`,
        issuer,
        ...validity(),
        signingAlgorithm: algorithm,
        publicKey: leaf.publicKey,
        signingKey: keys.privateKey,
        extensions: [new x509.SubjectAlternativeNameExtension(names)],
      })
      const key = await webcrypto.subtle.exportKey('pkcs8', leaf.privateKey)
      return { key: x509.PemConverter.encode(key, 'PRIVATE KEY'), cert: signed.toString('pem'), ca: cert }
    },
  }
}

function validity(): { notBefore: Date; notAfter: Date } {
  return { notBefore: new Date(Date.now() - hour), notAfter: new Date(Date.now() + hour) }
}

function isAddress(host: string): boolean {
  return /^[\d.]+$|:/.test(host)
}
