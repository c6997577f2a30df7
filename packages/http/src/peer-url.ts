import { GeeCacheError } from '@geecache/core'

/**
 * The one spelling of a peer's base URL, by which peers are told apart: scheme, host and port, in lower case,
 * without a default port or a slash at the end. Throws GeeCacheError `invalid-option` for anything that is not
 * the address of a server of that `scheme`.
 */
export function normalizePeerUrl(text: string, scheme: 'http' | 'https'): string {
  let url: URL
  try {
    url = new URL(text)
  } catch {
    throw invalid(text, scheme, 'is not a URL')
  }
  if (url.username !== '' || url.password !== '') throw invalid('(hidden)', scheme, 'holds credentials')
  if (url.protocol !== `${scheme}:`) {
    const because = scheme === 'https' ? 'peers with certificates need https' : 'https needs the option tls'
    throw invalid(text, scheme, `has the scheme ${url.protocol} (${because})`)
  }
  if (url.pathname !== '/' || url.search !== '' || url.hash !== '') {
    throw invalid(text, scheme, 'goes on after the port')
  }
  return url.origin
}

/** Whether only this machine can reach `host`, a hostname as `URL` gives it. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || /^127(\.\d{1,3}){3}$/.test(host)
}

function invalid(text: string, scheme: string, complaint: string): GeeCacheError {
  const example = `${scheme}://10.0.0.1:8001`
  const message = `a peer must be a base URL such as ${example}, got ${JSON.stringify(text)}, which ${complaint}`
  return new GeeCacheError('invalid-option', message)
}
