/** The same door under a second, shorter address. */
export { POST } from '#web/app/api/stripe/webhook/route.ts'
