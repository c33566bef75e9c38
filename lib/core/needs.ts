/** What a phase needs to be allowed, in the product's own words; a shape, an endpoint and the network say which rights that takes. */

/** Of a shape's control plane. */
export type ShapeNeed =
  | 'describe'
  | 'readServerLog'
  | 'createSnapshot'
  | 'deleteSnapshot'
  | 'createGreen'
  | 'settleGreen'
  | 'deleteGreen'
  | 'useEncryptionKey'
  | 'protectGreen'
  | 'handGreenOver'
  | 'takeGreenBack'
  | 'deleteBlue'
  /** May do nothing to blue, whatever else it may: after a migration the next run's blue may carry a name that green names match. */
  | 'spareBlue';

export type EndpointNeed = 'readEndpoint' | 'watchEndpoint' | 'swapEndpoint';

export type NetworkNeed = 'readSecurityGroups';

export type Need = ShapeNeed | EndpointNeed | NetworkNeed;

/** Which database users a phase logs in as. A phase that logs in at all is placed in the VPC. */
export type DatabaseUsers = 'none' | 'run' | 'run-and-application';
