export const placeholder: string = 'lru'
