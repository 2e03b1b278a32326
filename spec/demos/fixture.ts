import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** Files by path. `<<` marks the line that defines the symbol beside it; what else has its name is a decoy. */
const files: Readonly<Record<string, string>> = {
  'app/pricing.py': `"""Prices.

def compute_total(items):
    an example in a docstring
"""
from shop.totals import compute_total as other  # def compute_total

LIMIT = 3  #<< LIMIT


class Basket:  #<< Basket
    def add(self, item):  #<< add
        text = "def compute_total(items):"
        return compute_total([item], LIMIT=4)


async def compute_total(items):  #<< compute_total
    return sum(items)
`,
  'server/main.go': `package main

// func Serve starts it.
/*
func Serve() {
}
*/
func main() {
	s.Serve(":80")
	fmt.Println("func Serve() {")
}

type Server struct { //<< Server
	Port int //<< Port
}

func (s *Server) Serve(address string) error { //<< Serve
	return nil
}
`,
  'core/lib.rs': `use crate::parse_header;
/// fn parse_header is great
pub use other::parse_header;

pub(crate) struct Header<'a> { //<< Header
    pub length: usize, //<< length
    text: &'a str,
}

impl Header<'_> {}

pub(crate) async fn parse_header(text: &str) -> Header { //<< parse_header
    let header = "fn parse_header(";
    macro_rules! shout { () => {} } //<< shout
    todo!()
}
`,
  'native/list.h': `struct node;
int push_back(struct node *list, int value);
#define MAX_NODES 64 //<< MAX_NODES
`,
  'native/list.c': `#include "list.h"
/* int push_back(struct node *list, int value) { */
struct node { //<< node
  int value;
};

int push_back(struct node *list, int value) { //<< push_back
  struct node *next = find(list);
  return push_back(next, MAX_NODES);
}
`,
  'java/Account.java': `import bank.Account;
// class Account
public final class Account { //<< Account
  private static final int LIMIT_CENTS = 100; //<< LIMIT_CENTS
  public int withdraw(int cents) { //<< withdraw
    return new Account().withdraw(cents - LIMIT_CENTS);
  }
}
`,
  'web/index.ts': `export { openDoor } from './door.js';
export type { Door } from './door.js';
import {
  openDoor,
} from './door.js';
openDoor('front');
`,
  'web/door.ts': `import { type Lock } from './lock.js';
/**
 * export function openDoor is here, says the comment
 */
const help = \`
export function openDoor(name: string): void {
\`;
export interface Door { //<< Door
  readonly isOpen: boolean; //<< isOpen
}
export class FrontDoor implements Door { //<< FrontDoor
  isOpen = false;
  async unlock(key: string): Promise<void> { //<< unlock
    await this.unlock(key.slice(1));
    openDoor(help);
  }
}
export const DOORS = 2, openDoorSoon = () => openDoor('x'); //<< DOORS
export enum Colour { //<< Colour
  Crimson, //<< Crimson
}
export const openDoor = async (name: string): Promise<void> => { //<< openDoor
  const pattern = /["'\`]/;
};
`,
  'notes.md': 'function onlyInProse() {\n',
  'node_modules/other/index.js': 'export function onlyInstalled() {}\n',
  'image.bin': 'function onlyBinary() {}\0\n',
};

/** A folder on the disk with sources in several languages. */
export interface Fixture {
  readonly folder: string;
  /** Where each symbol is defined, as `path:line`. */
  readonly places: ReadonlyMap<string, string>;
  remove(): void;
}

/** Writes the folder. Beside it stands another with a secret, to which a link in it leads. */
export function writeFixture(): Fixture {
  const root = mkdtempSync(join(tmpdir(), 'find-symbol-'));
  const folder = join(root, 'inside');
  const places = new Map<string, string>();
  for (const [path, text] of Object.entries({ ...files, '../outside/secret.ts': 'export function onlyOutside() {}\n' })) {
    const lines = text.split('\n').map((line, index) => {
      const [code = '', symbol] = line.split(/ +(?:#|\/\/)<< /);
      if (symbol !== undefined) places.set(symbol, `${path}:${index + 1}`);
      return code;
    });
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), lines.join('\n'));
  }
  symlinkSync(join(root, 'outside'), join(folder, 'link'));
  return {
    folder,
    places,
    remove: () => {
      rmSync(root, { recursive: true, force: true });
    },
  };
}
