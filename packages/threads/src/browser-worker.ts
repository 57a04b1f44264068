/** What a thread of a browser runs first: an entry of its own, to be made a file of by a bundler. */

import './browser/worker.ts';
