import { createHash, timingSafeEqual } from 'node:crypto'

/** Says whether an Authorization header holds one of the secrets. Without any secrets every request is let in. */
export class SecretCheck {
  readonly #digests: readonly Buffer[]

  constructor(secrets: readonly string[]) {
    this.#digests = secrets.map(digestOf)
  }

  /** Takes as long for a secret that is almost right as for any other. */
  admits(authorization: string | undefined): boolean {
    if (this.#digests.length === 0) return true
    const given = digestOf(authorization?.replace(/^Bearer /i, '') ?? '')
    let admitted = false
    // All of them, so that the time does not tell which one it was either.
    for (const digest of this.#digests) if (timingSafeEqual(digest, given)) admitted = true
    return admitted
  }
}

/** Digests have one length, which secrets have not, and can be compared byte by byte. */
function digestOf(secret: string): Buffer {
  return createHash('sha256').update(secret).digest()
}
