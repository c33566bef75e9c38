/** What a user of a database logs in with. */
export interface Credentials {
  readonly username: string;
  readonly password: string;
}
