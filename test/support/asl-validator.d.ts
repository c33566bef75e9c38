/** The part of asl-validator the tests use; the package has no declarations that TypeScript finds. */
declare module 'asl-validator' {
  interface Validation {
    readonly isValid: boolean;
    errorsText(separator: string): string;
  }
  function validate(definition: object, options: { checkPaths: boolean; checkArn: boolean }): Validation;
  export = validate;
}
