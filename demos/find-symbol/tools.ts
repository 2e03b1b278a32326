import { listFiles } from './list-files.js';
import { readLines } from './read-lines.js';
import { searchText } from './search-text.js';

/** What the agent can do: look at a folder of the disk, and at nothing outside of it. */
export const folderTools = (folder: string) => [listFiles(folder), searchText(folder), readLines(folder)] as const;
