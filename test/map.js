// test/x/y.ts proves lib/x/y.ts, test/bin/y.ts proves bin/y.ts.
export default file =>
  file.replace(/^test\/bin\//, 'bin/').replace(/^test\/(?!bin)/, 'lib/')
