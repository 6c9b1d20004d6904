import t from 'tap'
import { followChapter } from '../fixtures/readme/chapter.js'
import { startHosts } from '../fixtures/readme/hosts.js'
import { readPages } from '../fixtures/readme.js'

const pages = readPages()
const chapters = pages.flatMap(({ file, chapters }) => chapters.map(chapter => ({ file, ...chapter })))
const blocks = chapters.flatMap(chapter => chapter.blocks)

t.test('every command of every page runs and shows what the page says', async t => {
  const hosts = await startHosts(
    t,
    blocks.map(({ text }) => text),
  )
  for (const { file, ...chapter } of chapters)
    if (chapter.blocks.length > 0)
      await t.test(`${file}: ${chapter.title || 'the first screen'}`, t => followChapter(t, chapter, hosts))
})
