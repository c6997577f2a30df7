import { webcrypto } from 'node:crypto'
import type { TLSOptions } from '@geecache/http'
import * as x509 from '@peculiar/x509'

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
const hour = 3_600_000

/** For each name, a certificate that one common authority has signed, good for an hour. */
export async function certificatesFor(...hosts: readonly string[]): Promise<readonly TLSOptions[]> {
  x509.cryptoProvider.set(webcrypto as Crypto)
  const validity = { notBefore: new Date(Date.now() - hour), notAfter: new Date(Date.now() + hour) }
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  const issuer = 'CN=The lab'
  const authority = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: '01',
    name: issuer,
    ...validity,
    signingAlgorithm: algorithm,
    keys,
    extensions: [new x509.BasicConstraintsExtension(true, 1, true)],
  })
  return Promise.all(
    hosts.map(async (host, i) => {
      const own = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
      const cert = await x509.X509CertificateGenerator.create({
        serialNumber: `0${i + 2}`,
        subject: `CN=${host}`,
        issuer,
        ...validity,
        signingAlgorithm: algorithm,
        publicKey: own.publicKey,
        signingKey: keys.privateKey,
        extensions: [new x509.SubjectAlternativeNameExtension([{ type: 'dns', value: host }])],
      })
      const key = await webcrypto.subtle.exportKey('pkcs8', own.privateKey)
      return {
        key: x509.PemConverter.encode(key, 'PRIVATE KEY'),
        cert: cert.toString('pem'),
        ca: authority.toString('pem'),
      }
    }),
  )
}
