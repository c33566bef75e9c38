/** Variables set by Assign: visible to inner scopes, set only in their own. */
import { copyOf, type JsonObject } from './json-value';

export class VariableScope {
  private readonly own: JsonObject = {};

  constructor(private readonly outer?: VariableScope) {}

  /** A copy of every variable visible here; what is set later does not show in it. */
  visible(): JsonObject {
    return { ...this.outer?.visible(), ...copyOf(this.own) };
  }

  assign(variables: JsonObject): void {
    Object.assign(this.own, copyOf(variables));
  }
}
