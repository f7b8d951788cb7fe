import type { ProblemView } from "./wire";

/** Something could not be done; `message` is a sentence for people. `status` 0: nobody answered. */
export class Problem extends Error implements ProblemView {
  readonly code: string;
  readonly sentence: string;
  readonly field: string | null;
  readonly limit: number | null;
  readonly retryAfter: number | null;

  constructor(
    readonly status: number,
    told: Partial<ProblemView>,
  ) {
    const sentence = told.sentence ?? "Something went wrong. Try again.";
    super(sentence);
    this.name = "Problem";
    this.sentence = sentence;
    this.code = told.code ?? "unknown";
    this.field = told.field ?? null;
    this.limit = told.limit ?? null;
    this.retryAfter = told.retryAfter ?? null;
  }
}

export const unreachable = (): Problem =>
  new Problem(0, { code: "unreachable", sentence: "Everkin cannot be reached. Is it still running?" });

/** From a problem document (RFC 9457), or from whatever else came instead of one. */
export async function problemOf(response: Response): Promise<Problem> {
  try {
    const told = (await response.json()) as Record<string, unknown>;
    const sentence = typeof told["detail"] === "string" ? told["detail"] : undefined;
    return new Problem(response.status, { ...(told as Partial<ProblemView>), ...(sentence ? { sentence } : {}) });
  } catch {
    return new Problem(response.status, { sentence: `Everkin answered with an error (${response.status}).` });
  }
}

export function asProblem(error: unknown): Problem {
  return error instanceof Problem ? error : unreachable();
}
