/** What a member of a space may be (turtl §5.1); any other word stops the original core. */
export const ROLES = ['owner', 'admin', 'moderator', 'member', 'guest'] as const
export type Role = (typeof ROLES)[number]
