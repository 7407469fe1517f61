using AiFactory.Builder.Knowledge.Parsing;
using AiFactory.Builder.Runs;

namespace AiFactory.Builder.Knowledge.Chunking;

/// <summary>
/// Divides a text into passages along its structure: a heading begins a passage, a paragraph is kept whole where it fits, a long one is divided between
/// sentences, a long sentence between words. A passage that goes on within a section repeats the last sentences of the one before it.
/// </summary>
/// <param name="size">The most characters of a passage.</param>
/// <param name="overlap">The most characters that are repeated.</param>
internal sealed class Chunker(int size, int overlap)
{
    /// <summary>A passage shorter than this share of the size goes on over the next heading: titles and one-line sections are not worth a passage each.</summary>
    private const int LeastShare = 4;

    private const int HeadingLength = 200;

    internal IReadOnlyList<Chunk> Divide(ExtractedText text, CancellationToken cancellationToken)
    {
        var chunks = new List<Chunk>();
        var current = new Passage(overlap);
        var path = new HeadingPath();
        foreach (var block in text.Blocks)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (block.Kind == TextBlockKind.Heading)
            {
                if (current.Length >= size / LeastShare)
                {
                    Close(repeat: false);
                }

                path.Enter(block.Level, StorableText.Start(text.Text[block.Start..Math.Min(block.End, block.Start + HeadingLength + 1)], HeadingLength));
            }

            // A paragraph that fits is not divided for the sake of what little room is left.
            var whole = new Piece(block.Start, block.End);
            if (block.Kind == TextBlockKind.Paragraph && block.End - block.Start <= size && current.Length >= size / 2 && !current.Fits(whole, size))
            {
                Close(repeat: true);
                current.MakeRoomFor(whole, size);
            }

            foreach (var piece in Pieces(text.Text, block))
            {
                if (!current.Fits(piece, size))
                {
                    Close(repeat: block.Kind != TextBlockKind.Heading);
                    current.MakeRoomFor(piece, size);
                }

                current.Add(piece, block.Kind == TextBlockKind.Heading ? path.Above : path.Whole);
            }
        }

        Close(repeat: false);
        return chunks;

        void Close(bool repeat)
        {
            if (current.HasNew)
            {
                chunks.Add(new Chunk(chunks.Count, current.Start, current.End, StorableText.Start(current.Heading, HeadingLength)));
            }

            current.Restart(repeat);
        }
    }

    /// <summary>The block itself, its sentences or lines, or parts of those: none longer than the size.</summary>
    private IEnumerable<Piece> Pieces(string text, TextBlock block)
    {
        if (block.End - block.Start <= size && block.Kind != TextBlockKind.Paragraph)
        {
            return [new Piece(block.Start, block.End)];
        }

        return Sentences.Divide(text, block).SelectMany(sentence => Sentences.Shorten(text, sentence, size));
    }

    private sealed class Passage(int overlap)
    {
        private readonly List<Piece> _pieces = [];
        private int _repeated;

        internal string Heading { get; private set; } = "";

        internal int Start => _pieces[0].Start;

        internal int End => _pieces[^1].End;

        internal int Length => _pieces.Count == 0 ? 0 : End - Start;

        internal bool HasNew => _pieces.Count > _repeated;

        internal bool Fits(Piece piece, int size) => _pieces.Count == 0 || piece.End - Start <= size;

        internal void Add(Piece piece, string heading)
        {
            if (!HasNew)
            {
                Heading = heading;
            }

            _pieces.Add(piece);
        }

        /// <summary>Begins the next passage, with the last pieces of this one when they are to be repeated.</summary>
        internal void Restart(bool repeat)
        {
            var kept = _pieces.Count;
            if (repeat && _pieces.Count > 0)
            {
                var end = End;
                while (kept > 1 && end - _pieces[kept - 1].Start <= overlap)
                {
                    kept--;
                }
            }

            _pieces.RemoveRange(0, kept);
            _repeated = _pieces.Count;
        }

        /// <summary>What is repeated gives way to what is new.</summary>
        internal void MakeRoomFor(Piece piece, int size)
        {
            while (_pieces.Count > 0 && piece.End - Start > size)
            {
                _pieces.RemoveAt(0);
            }

            _repeated = _pieces.Count;
        }
    }
}
