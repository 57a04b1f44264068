// Why something with an `@` in it is no address: each rule once, and where it is written.

export const RULES = {
  at_sign: 'An address has an @ outside of quotes and comments (RFC 5322, 3.4.1)',
  local_empty: 'Something stands before the @ (RFC 5322, 3.4.1)',
  local_dots: 'A dot stands between two words, not at an end, nor beside another (RFC 5322, 3.2.3)',
  local_character:
    "Without quotes a local part has letters, digits and !#$%&'*+-/=?^_`{|}~ (RFC 5322, 3.2.3; RFC 6531, 3.3)",
  local_long: 'A local part has at most 64 octets (RFC 5321, 4.5.3.1.1)',
  quotes: 'A quoted string is closed, and has no control characters (RFC 5322, 3.2.4)',
  comment: 'A comment is closed, and so are those in it (RFC 5322, 3.2.2)',
  domain_empty: 'Something stands after the @ (RFC 5322, 3.4.1)',
  domain_dots: 'A dot stands between two labels, not at an end, nor beside another (RFC 1034, 3.5)',
  domain_character: 'A label has letters, digits and hyphens (RFC 1123, 2.1; RFC 5890, 2.3.1)',
  domain_hyphen: 'A hyphen is not at an end of a label (RFC 1123, 2.1)',
  label_long: 'A label has at most 63 octets (RFC 1035, 2.3.4)',
  domain_long: 'A domain has at most 255 octets (RFC 5321, 4.5.3.1.2)',
  one_label: 'One label alone is a name on one network, not on the Internet (RFC 7085)',
  top_level:
    'The last label has letters only, so that no number is a name (RFC 1123, 2.1; RFC 3696, 2)',
  not_idna: 'What is not of ASCII has a form that is (RFC 5891, 4)',
  literal: 'In brackets stands an address of IPv4, or of IPv6 after its tag (RFC 5321, 4.1.3)',
  too_long: 'An address has at most 254 octets (RFC 5321, 4.5.3.1.3)',
  identifier: 'What names a message or a part of one is no address (RFC 5322, 3.6.4; RFC 2392)',
  user_of_url: 'Before the host of a URL stands a user, not a mailbox (RFC 3986, 3.2.1)',
} as const satisfies Record<string, string>;

/** A rule that something breaks. */
export type Rule = keyof typeof RULES;

/** An address in the one form that all of its spellings have, or the first rule that is broken. */
export type Verdict = { readonly address: string } | { readonly broken: Rule };
