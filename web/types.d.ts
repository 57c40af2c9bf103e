/// <reference types="next" />

declare module '*.css'

/** Names of the migrations in the source tree that was built, comma-separated; absent when nothing was built. */
declare const PAYDESK_MIGRATIONS: string | undefined
