// What each worker of the page runs first.

import '@beamish/threads/browser-worker';
