namespace AiFactory.Builder.Knowledge.Parsing.Pdf;

/// <summary>What a PDF is made of (ISO 32000-1, section 7.3).</summary>
internal abstract record PdfObject
{
    private PdfObject()
    {
    }

    internal sealed record Null : PdfObject;

    internal sealed record Boolean(bool Value) : PdfObject;

    internal sealed record Number(double Value) : PdfObject;

    /// <summary>Bytes, not characters: what they mean is for who reads them.</summary>
    internal sealed record Text(byte[] Bytes) : PdfObject;

    internal sealed record Name(string Value) : PdfObject;

    internal sealed record Array(IReadOnlyList<PdfObject> Items) : PdfObject;

    internal sealed record Dictionary(IReadOnlyDictionary<string, PdfObject> Entries) : PdfObject
    {
        internal static Dictionary Empty { get; } = new(new Dictionary<string, PdfObject>());
    }

    /// <param name="Raw">The bytes as they stand in the file, before its filters.</param>
    internal sealed record Stream(Dictionary Entries, ReadOnlyMemory<byte> Raw) : PdfObject;

    /// <summary><c>12 0 R</c></summary>
    internal sealed record Reference(int Id) : PdfObject;

    /// <summary>A bare word: an operator of a content stream, or <c>obj</c>, <c>endobj</c>, <c>stream</c> of a file.</summary>
    internal sealed record Keyword(string Value) : PdfObject;
}
