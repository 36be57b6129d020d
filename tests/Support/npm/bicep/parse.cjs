// Parses the files that are named and writes their trees as JSON: [{type, start, end, row, error, children}], positions in UTF-16 as .NET counts them.
const { readFileSync } = require('node:fs');
const { Parser, Language } = require('web-tree-sitter');

const tree = node => ({
  type: node.type,
  start: node.startIndex,
  end: node.endIndex,
  row: node.startPosition.row + 1,
  error: node.isError || node.isMissing,
  children: node.children.filter(child => child !== null).map(tree),
});

(async () => {
  await Parser.init();
  const parser = new Parser();
  parser.setLanguage(await Language.load(require.resolve('tree-sitter-bicep/tree-sitter-bicep.wasm')));
  process.stdout.write(JSON.stringify(process.argv.slice(2).map(file => tree(parser.parse(readFileSync(file, 'utf8')).rootNode))));
})();
