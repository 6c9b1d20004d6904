// test/x/y.ts proves lib/x/y.ts, test/bin/y.ts proves bin/y.ts; suites about the whole prove no one file.
export default file => {
  if (
    /^test\/(house|readme|whole|package|examples|contract|link|wishes|(?:fixtures|bench)\/.*)\.ts$/.test(file)
  )
    return null
  return file.startsWith('test/bin/') ? file.slice('test/'.length) : file.replace(/^test\//, 'lib/')
}
