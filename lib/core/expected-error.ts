/** An error about what was asked for, or about the world, and not about the program: its message is enough, and says what to do. */
export abstract class ExpectedError extends Error {}
