import type { Role } from '#prisma'

/** From the least to the most that a member may do; each role includes those before it. */
export const roles = ['viewer', 'agent', 'admin', 'owner'] as const satisfies readonly Role[]

/** Whether a role reaches a minimum. Anything that is not a role reaches none. */
export function hasRole(role: Role, minimum: Role): boolean {
  return roles.includes(role) && roles.indexOf(role) >= roles.indexOf(minimum)
}
