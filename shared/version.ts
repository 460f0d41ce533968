/** The contract's date. Within one date the API only adds; what would narrow it gets a new date. */
export const API_VERSION = "2026-11-22";

/** Version of the last file in supabase/migrations: what this code was written for. */
export const SCHEMA_VERSION = "20261101001940";
