import { z } from "@hono/zod-openapi";

/**
 * Every error code the API has, with its HTTP status and title. The set is closed: a client may switch over it, and
 * the database raises no other (`errcode = 'PTxyz', message = code`).
 */
export const PROBLEMS = {
  validation_failed: [400, "The request is not valid"],
  cursor_invalid: [400, "The cursor is not one of this query"],
  range_invalid: [400, "The period ends before it begins"],
  range_too_large: [400, "The period is too large"],
  json_invalid: [400, "The body is not JSON"],
  body_incomplete: [400, "The body was cut off"],
  not_authenticated: [401, "Sign in first"],
  token_invalid: [401, "The token is not valid"],
  role_insufficient: [403, "The role does not allow this"],
  scope_insufficient: [403, "The API key does not allow this"],
  secret_key_required: [403, "This takes the project's secret key"],
  not_permitted: [403, "This may be asked of one's own data only"],
  route_not_found: [404, "There is no such route"],
  user_not_found: [404, "There is no such user"],
  organization_not_found: [404, "There is no such organisation"],
  member_not_found: [404, "There is no such member"],
  invitation_not_found: [404, "There is no such invitation"],
  event_not_found: [404, "There is no such event"],
  contact_not_found: [404, "There is no such contact"],
  erasure_not_found: [404, "There is no such erasure"],
  dataset_not_found: [404, "There is no dataset of that week"],
  import_not_found: [404, "There is no such import"],
  key_not_found: [404, "There is no such key"],
  nlq_query_not_found: [404, "There is no such question"],
  job_not_found: [404, "There is no such job"],
  alert_not_found: [404, "There is no such alert"],
  webhook_not_found: [404, "There is no such webhook"],
  export_not_found: [404, "There is no such export"],
  method_not_allowed: [405, "The route does not take this method"],
  import_not_open: [409, "The import takes no parts now"],
  import_part_out_of_order: [409, "Another part is due"],
  import_incomplete: [409, "Parts are missing"],
  import_part_differs: [409, "The part came with other bytes before"],
  legal_hold: [409, "A legal hold preserves the data"],
  confirmation_outdated: [409, "The preview says something else now"],
  erasure_requested: [409, "The erasure was asked for before"],
  erasure_running: [409, "The erasure has begun"],
  already_member: [409, "The person is a member already"],
  last_owner: [409, "An organisation keeps an owner"],
  too_many_invitations: [409, "Too many invitations are open"],
  read_not_recorded: [409, "Somebody else's data is read through read_recorded"],
  replica_behind: [409, "The replica has other data than the primary"],
  key_limit_reached: [409, "There are too many keys"],
  job_running: [409, "The job is running"],
  job_run_over: [409, "The run is over"],
  webhook_disabled: [409, "The webhook is disabled"],
  webhook_limit_reached: [409, "There are too many already"],
  export_in_progress: [409, "An export is being made"],
  export_not_ready: [409, "The archive is not ready"],
  export_lease_lost: [409, "Somebody else makes this export"],
  request_in_progress: [409, "The first request is not finished"],
  export_expired: [410, "The archive is gone"],
  body_too_large: [413, "The body is too large"],
  media_type_unsupported: [415, "The content type is not supported"],
  byte_range_invalid: [416, "The archive does not have these bytes"],
  events_refused: [422, "No event was accepted"],
  import_failed: [422, "The file could not be imported"],
  import_needs_mapping: [422, "The file's columns are not understood"],
  idempotency_key_reused: [422, "The Idempotency-Key was used for another request"],
  rate_limited: [429, "Too many requests"],
  export_limit_reached: [429, "Too many exports"],
  internal_error: [500, "Something went wrong"],
  keys_not_configured: [503, "API keys are not set up"],
  rate_limit_unavailable: [503, "Requests cannot be counted"],
  job_failed: [500, "The job failed"],
  webhooks_not_configured: [503, "Webhooks are not set up here"],
  database_unavailable: [503, "The database does not answer"],
  database_timeout: [504, "The database took too long"],
} as const satisfies Record<string, readonly [number, string]>;

/** One of the closed set of error codes. */
export type ProblemCode = keyof typeof PROBLEMS;

/** What is wrong with one field: its path in the request (`events/0/ts`) and a sentence. */
export interface FieldError {
  readonly path: string;
  readonly message: string;
}

/** An error that may be shown: `detail` is public; the cause is for the log only. */
export class Problem extends Error {
  override readonly name = "Problem";
  readonly code: ProblemCode;
  readonly status: number;
  readonly errors: readonly FieldError[] | undefined;
  /** Further public members of the problem document. */
  readonly members: Readonly<Record<string, unknown>>;

  constructor(
    code: ProblemCode,
    detail: string,
    options: { errors?: readonly FieldError[]; members?: Record<string, unknown>; cause?: unknown } = {},
  ) {
    super(detail, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.status = PROBLEMS[code][0];
    this.errors = options.errors;
    this.members = options.members ?? {};
  }

  /** The RFC 9457 document. */
  toResponse(request_id: string): Response {
    const document = {
      type: "about:blank",
      title: PROBLEMS[this.code][1],
      status: this.status,
      code: this.code,
      detail: this.message,
      request_id,
      ...(this.errors && { errors: this.errors }),
      ...this.members,
    };
    return new Response(JSON.stringify(document), {
      status: this.status,
      headers: {
        "content-type": "application/problem+json",
        "cache-control": "no-store",
        ...(this.status === 401 && { "www-authenticate": "Bearer" }),
        ...(this.status === 503 && { "retry-after": "1" }),
      },
    });
  }
}

/** True for a code that the database may raise. */
export function isProblemCode(code: string): code is ProblemCode {
  return Object.hasOwn(PROBLEMS, code);
}

/** The problem document as OpenAPI shows it. */
export const ProblemSchema = z.object({
  type: z.string(),
  title: z.string(),
  status: z.number().int(),
  code: z.enum(Object.keys(PROBLEMS) as [ProblemCode, ...ProblemCode[]]),
  detail: z.string(),
  request_id: z.string(),
  errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
}).openapi("Problem");
