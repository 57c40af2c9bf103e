/** How the references begin of what somebody forfeited by deleting their account, and of what came back of it. */
export const forfeitRef = (userId: bigint) => `erase:${userId}:`
