import type { ErrorAnswer } from "./types";

const API = "ajax-api/2.0/mlflow/";
export const PREVIEW_LIMIT = 2 * 1024 * 1024;

/** A failed request: the server or a proxy answered with an error, or nothing answered. */
export class ApiError extends Error {
  readonly status: number;
  readonly errorCode: string;

  constructor(status: number, errorCode: string, message: string) {
    super(message);
    this.name = "ApiError";
    this.status = status;
    this.errorCode = errorCode;
  }

  get isMissing(): boolean {
    return this.status === 404 || this.errorCode === "RESOURCE_DOES_NOT_EXIST";
  }
}

type QueryValue = string | number | undefined;
export type Query = Record<string, QueryValue | string[]>;

/** Builds `path?a=1&b=2`. Unset and empty values are left out; a list repeats its key. */
export function withQuery(path: string, query: Query = {}): string {
  const search = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) {
    if (value === undefined || value === "") continue;
    for (const item of Array.isArray(value) ? value : [value]) search.append(key, String(item));
  }
  const text = search.toString();
  return text === "" ? path : `${path}?${text}`;
}

async function failure(response: Response): Promise<ApiError> {
  const text = await response.text().catch(() => "");
  try {
    const body = JSON.parse(text) as ErrorAnswer;
    if (body.message !== undefined || body.error_code !== undefined)
      return new ApiError(
        response.status,
        body.error_code ?? "",
        body.message ?? body.error_code ?? "",
      );
  } catch {
    // The body is not an error of the API: a proxy or another server answered.
  }
  return new ApiError(
    response.status,
    "",
    `The server answered ${response.status} ${response.statusText}`.trim(),
  );
}

async function send(url: string, init: RequestInit): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(url, init);
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new ApiError(0, "UNREACHABLE", "The server does not answer. Is it running?");
  }
  if (!response.ok) throw await failure(response);
  return response;
}

export async function get<T>(path: string, query?: Query, signal?: AbortSignal): Promise<T> {
  const response = await send(withQuery(API + path, query), { signal });
  return (await response.json()) as T;
}

export async function call<T>(
  method: "POST" | "PATCH" | "DELETE",
  path: string,
  body: object,
  signal?: AbortSignal,
): Promise<T> {
  const response = await send(API + path, {
    method,
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
    signal,
  });
  return (await response.json()) as T;
}

/** The bytes of a file. Throws if the server announces more than PREVIEW_LIMIT. */
export async function getBlob(url: string, signal?: AbortSignal): Promise<Blob> {
  const response = await send(url, { signal });
  const announced = Number(response.headers.get("content-length") ?? 0);
  if (announced > PREVIEW_LIMIT) {
    await response.body?.cancel();
    throw new ApiError(413, "TOO_LARGE", "The file is too large to preview.");
  }
  return await response.blob();
}

export function apiUrl(path: string, query?: Query): string {
  return withQuery(API + path, query);
}
