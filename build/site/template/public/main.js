// Pictures come in two colours, which a browser chooses by the system: here the reader's choice of theme goes before it.
function matchPictures() {
  const theme = document.documentElement.getAttribute('data-bs-theme')
  for (const source of document.querySelectorAll('picture > source')) {
    source.media = theme === 'dark' ? 'all' : 'not all'
  }
}

export default {
  start: () => {
    matchPictures()
    new MutationObserver(matchPictures).observe(document.documentElement, { attributeFilter: ['data-bs-theme'] })
  },
  // A block of code that names no language has none: commands, and what a program prints.
  configureHljs: hljs => hljs.configure({ languages: [] }),
}
