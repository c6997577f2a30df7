export const placeholder: string = 'singleflight'
