import { open } from 'lmdb';

/** @param {string} folder */
export async function store(folder) {
  const db = open({
    path: folder,
    encoding: 'binary',
    keyEncoding: 'uint32',
    overlappingSync: false,
  });
  let last = 0;
  return {
    /** Answers when it is on disk, with all that was put before. */
    put: (bytes) => db.put(last++, bytes),
    close: () => db.close(),
  };
}
