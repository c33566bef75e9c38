/** The refusal of a state machine definition, with everything that is wrong with it. */

export interface DefinitionProblem {
  /** Where: a path such as `/States/Prepare/Output/run`. */
  readonly path: string;
  readonly message: string;
}

/** Thrown when a definition is loaded; lists all problems at once. */
export class InvalidDefinitionError extends Error {
  override readonly name = 'InvalidDefinitionError';

  constructor(readonly problems: readonly DefinitionProblem[]) {
    super(
      `invalid state machine definition:\n${problems.map(({ path, message }) => `- ${path || '/'}: ${message}`).join('\n')}`,
    );
  }
}
