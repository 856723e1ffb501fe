export const EXPORT_FORMATS = ['markdown', 'turtl', 'backup'] as const

export type ExportFormat = (typeof EXPORT_FORMATS)[number]
