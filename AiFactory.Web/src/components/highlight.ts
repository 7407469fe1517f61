const common = new Set('a an and are as at be by can do does for from has have how i in is it its of on or that the their this to was what when where which who why will with you your'.split(' '));

/** The words of a query that are worth finding again, without their commonest endings. */
export function queryWords(query: string): string[] {
  const words = query.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
  return [...new Set(words.filter((word) => word.length > 1 && !common.has(word)).map(stem))];
}

function stem(word: string): string {
  return word.length > 4 ? word.replace(/(?:ing|ies|ed|es|s)$/u, '') : word;
}

export interface Piece {
  text: string;
  marked: boolean;
}

/** Cuts a text where words begin as the query's words do; the pieces together are the text. */
export function highlight(text: string, query: string): Piece[] {
  const stems = queryWords(query);
  if (stems.length === 0) {
    return [{ text, marked: false }];
  }
  const pieces: Piece[] = [];
  let end = 0;
  for (const match of text.matchAll(/[\p{L}\p{N}]+/gu)) {
    const word = match[0].toLowerCase();
    // An ending may follow, a longer word may not: "port" is in "ports", and not in "portable".
    if (stems.some((each) => stem(word) === each || (word.startsWith(each) && word.length - each.length < 3))) {
      if (match.index > end) {
        pieces.push({ text: text.slice(end, match.index), marked: false });
      }
      end = match.index + match[0].length;
      pieces.push({ text: match[0], marked: true });
    }
  }
  if (end < text.length) {
    pieces.push({ text: text.slice(end), marked: false });
  }
  return pieces;
}
