export const placeholder: string = 'http'
