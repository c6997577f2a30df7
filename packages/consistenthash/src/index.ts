export const placeholder: string = 'consistenthash'
