/** Who lets whom in, by the rules of security groups as EC2 describes them. */
import { covers, overlaps } from '../../../lib/core/address-range';
import { type Passage, passages, type SecurityGroup, type SecurityGroupRule } from '../../../lib/core/security-groups';

const PORT = 5432;
const rule = (given: Partial<SecurityGroupRule>): SecurityGroupRule => ({
  protocol: 'tcp',
  fromPort: PORT,
  toPort: PORT,
  groups: [],
  ranges: [],
  prefixLists: [],
  ...given,
});
const OUT = [rule({ protocol: '-1', ranges: ['0.0.0.0/0'] })];
const group = (inbound: SecurityGroupRule[], outbound = OUT, id = 'sg-db'): SecurityGroup => ({
  id,
  inbound,
  outbound,
});
const SUBNETS = ['10.0.0.0/24', '10.0.1.0/24'];

/** Whether members let each other in. */
function inbound(inboundRules: SecurityGroupRule[], ranges = SUBNETS): Passage {
  const place = { groups: [group(inboundRules)], ranges };
  return passages(place, place, PORT).inbound;
}

describe('members of a group reach each other', () => {
  it.each<[string, Passage, SecurityGroupRule[]]>([
    ['without any inbound rule, as the CDK makes it', 'closed', []],
    ['with a rule for another group, such as the application', 'closed', [rule({ groups: ['sg-app'] })]],
    ['with a rule for the group itself', 'open', [rule({ groups: ['sg-app', 'sg-db'] })]],
    ['with a rule for every protocol', 'open', [rule({ protocol: '-1', groups: ['sg-db'] })]],
    ['with a rule for every port of TCP', 'open', [rule({ fromPort: 0, toPort: 65_535, groups: ['sg-db'] })]],
    ['with TCP named by its number', 'open', [rule({ protocol: '6', groups: ['sg-db'] })]],
    ['with a rule for the ports around it', 'closed', [rule({ fromPort: 5433, toPort: 6000, groups: ['sg-db'] })]],
    ['with a rule for a range of ports that ends with it', 'open', [rule({ fromPort: 1, groups: ['sg-db'] })]],
    ['with a rule for UDP', 'closed', [rule({ protocol: 'udp', groups: ['sg-db'] })]],
    ['with a rule for the range of the VPC', 'open', [rule({ ranges: ['10.0.0.0/16'] })]],
    ['with a rule for each subnet', 'open', SUBNETS.map((range) => rule({ ranges: [range] }))],
    ['with a rule for one of two subnets', 'unknown', [rule({ ranges: ['10.0.1.0/24'] })]],
    ['with a rule for one address in them', 'unknown', [rule({ ranges: ['10.0.1.17/32'] })]],
    ['with a rule for a network elsewhere', 'closed', [rule({ ranges: ['192.168.0.0/16'] })]],
    ['with a rule for the whole world', 'open', [rule({ ranges: ['0.0.0.0/0'] })]],
    ['with a rule for the whole world of IPv6 only', 'closed', [rule({ ranges: ['::/0'] })]],
    ['with a rule for a prefix list', 'unknown', [rule({ prefixLists: ['pl-1'] })]],
  ])('%s: %s', (_name, expected, rules) => {
    expect(inbound(rules)).toBe(expected);
  });

  it('by IPv6 alone, where they have such addresses', () => {
    expect(inbound([rule({ ranges: ['::/0'] })], [...SUBNETS, '2001:db8:0:1::/64'])).toBe('open');
    expect(inbound([rule({ ranges: ['2001:db8:0:2::/64'] })], [...SUBNETS, '2001:db8:0:1::/64'])).toBe('closed');
  });

  it('perhaps, where the rule names addresses and those of the members are not known', () => {
    expect(inbound([rule({ ranges: ['10.0.0.0/8'] })], [])).toBe('unknown');
    expect(inbound([rule({ groups: ['sg-db'] })], [])).toBe('open');
  });

  it('only if they are let out, too', () => {
    const place = { groups: [group([rule({ groups: ['sg-db'] })], [])], ranges: SUBNETS };
    expect(passages(place, place, PORT)).toEqual({ outbound: 'closed', inbound: 'open' });
  });

  it('when one of several groups of theirs allows it', () => {
    const place = {
      groups: [group([], [], 'sg-monitoring'), group([rule({ groups: ['sg-monitoring'] })])],
      ranges: SUBNETS,
    };
    expect(passages(place, place, PORT)).toEqual({ outbound: 'open', inbound: 'open' });
  });
});

describe('a range of addresses', () => {
  it.each([
    ['10.0.0.0/8', '10.1.0.0/16', true, true],
    ['10.1.0.0/16', '10.0.0.0/8', false, true],
    ['10.0.0.0/25', '10.0.0.128/25', false, false],
    ['10.0.0.99/24', '10.0.0.1', true, true], // the bits of the host do not count
    ['::/0', '10.0.0.0/8', false, false],
    ['2001:db8::/32', '2001:db8:ffff::/48', true, true],
    ['2001:db8::/32', '2001:db9::/32', false, false],
    ['::1', '0:0:0:0:0:0:0:1/128', true, true],
    ['10.0.0.0/33', '10.0.0.0/8', false, false],
    ['10.0.0/8', '10.0.0.0/8', false, false],
    ['10.0.0.256/8', '10.0.0.0/8', false, false],
  ])('%s covers %s: %s, overlaps it: %s', (range, other, covered, overlapping) => {
    expect([covers(range, other), overlaps(range, other)]).toEqual([covered, overlapping]);
  });
});
