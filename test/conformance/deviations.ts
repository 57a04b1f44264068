/** Rows of the sheet that beamish answers otherwise than Erlang, and why; each has a test of what it does instead. */
export const DEVIATIONS: Readonly<Record<string, string>> = {
  'SIG-10':
    'a send to a name that nobody has is a dead letter, as one to a dead pid; it does not throw',
  'SIG-14': '`send` returns nothing, so that nobody takes it for a reply',
  'SIG-19': 'messages are shared by default; `messages: "freeze"` and `"clone"` hold the row',
  'EXIT-21':
    '`finally` blocks run when a signal ends an actor (`catch` does not): there are no ports to close instead',
  'LINK-05': 'a link to a dead pid is a `noproc` exit signal, and not an error of the caller',
  'LINK-06':
    'a pid of a system that is not connected ends a link with `noconnection`; `noproc` needs a connection',
  'TASK-16':
    'a reply never passes through the mailbox, so that `{ref, result}` is no message; a supervised task sends what it likes, and its DOWN follows',
  'SUP-24': 'the window is counted in milliseconds and not in whole seconds',
  'GS-19': 'a value that a handler throws is a crash, and not its return value',
  'NODE-16': 'a timer may send to an actor of another system; names are still each system’s own',
  'NODE-09':
    'a call to a system that is lost fails with `noconnection`, and not with the name of the system',
};
