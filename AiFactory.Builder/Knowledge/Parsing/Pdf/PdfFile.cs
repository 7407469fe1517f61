namespace AiFactory.Builder.Knowledge.Parsing.Pdf;

/// <summary>A file's objects by number, read when asked for. A file whose cross-reference table is wrong is searched through for its objects.</summary>
internal sealed class PdfFile
{
    /// <summary>A stream may have its length in another object, which may lie in a stream: three or four in real files.</summary>
    private const int MaximumReading = 32;

    private readonly ReadOnlyMemory<byte> _data;
    private readonly PdfBudget _budget;
    private readonly Dictionary<int, PdfObject> _objects = [];
    private readonly Dictionary<int, PdfObjectStream> _containers = [];
    private readonly HashSet<int> _reading = [];
    private PdfCrossReference _table;
    private bool _rebuilt;
    private bool _rebuilding;

    /// <exception cref="DocumentException">It is no PDF, or protected.</exception>
    internal PdfFile(ReadOnlyMemory<byte> data, PdfBudget budget)
    {
        _data = data;
        _budget = budget;
        _table = new PdfCrossReference(budget);
        if (data.Span[..Math.Min(data.Length, 1024)].IndexOf("%PDF-"u8) < 0)
        {
            throw new DocumentException("The file is not a PDF: it does not begin with %PDF-.");
        }

        _table = PdfCrossReference.Read(data, this) ?? Rebuild();
        if (_table.Trailer.Entries.ContainsKey("Encrypt"))
        {
            throw new DocumentException("The PDF is encrypted: save it without a password and without restrictions, and upload that.");
        }

        if (Root.Entries.Count == 0 && !_rebuilt)
        {
            _table = Rebuild();
            _objects.Clear();
        }
    }

    internal PdfBudget Budget => _budget;

    internal PdfObject.Dictionary Root => Dictionary(_table.Trailer.Entries.GetValueOrDefault("Root"));

    /// <summary>The object that is meant: what a reference refers to, or the object itself.</summary>
    internal PdfObject Resolve(PdfObject? value)
    {
        for (var steps = 0; value is PdfObject.Reference reference; steps++)
        {
            _budget.CancellationToken.ThrowIfCancellationRequested();
            // A reference to a reference to ... itself.
            value = steps < 20 ? Object(reference.Id) : null;
        }

        return value ?? new PdfObject.Null();
    }

    internal PdfObject.Dictionary Dictionary(PdfObject? value) => Resolve(value) switch
    {
        PdfObject.Dictionary dictionary => dictionary,
        PdfObject.Stream stream => stream.Entries,
        _ => PdfObject.Dictionary.Empty,
    };

    internal IReadOnlyList<PdfObject> Array(PdfObject? value) => Resolve(value) is PdfObject.Array array ? array.Items : [];

    internal double? Number(PdfObject? value) => Resolve(value) is PdfObject.Number number ? number.Value : null;

    internal string? Name(PdfObject? value) => Resolve(value) is PdfObject.Name name ? name.Value : null;

    /// <summary>A stream's bytes after its filters; empty for a filter that text is never in.</summary>
    internal ReadOnlyMemory<byte> Decode(PdfObject.Stream stream) => PdfFilters.Decode(stream, this);

    /// <summary>Reads <c>12 0 obj ... endobj</c> at an offset; the number is compared when one is expected.</summary>
    internal PdfObject? ReadIndirect(int offset, int? expected)
    {
        if (offset < 0 || offset >= _data.Length)
        {
            return null;
        }

        var reader = new PdfReader(_data, offset);
        var value = ReadIndirect(reader, expected);
        // An object without an end goes on to the file's: many of them would be read for ever.
        _budget.Take(reader.Position - offset);
        _budget.TakeEntries(reader.Parts);
        return value;
    }

    private PdfObject? ReadIndirect(PdfReader reader, int? expected)
    {
        if (reader.Read() is not PdfObject.Number number || reader.Read() is not PdfObject.Number || reader.Read() is not PdfObject.Keyword { Value: "obj" })
        {
            return null;
        }

        if (expected is { } wanted && (int)number.Value != wanted)
        {
            return null;
        }

        var value = reader.Read();
        if (value is not PdfObject.Dictionary dictionary)
        {
            return value is PdfObject.Keyword ? new PdfObject.Null() : value;
        }

        return reader.Read() is PdfObject.Keyword { Value: "stream" } ? ReadStream(dictionary, reader.Position) : dictionary;
    }

    private PdfObject.Stream ReadStream(PdfObject.Dictionary entries, int position)
    {
        var data = _data.Span;
        // The keyword is followed by CR LF or LF; some writers forget the LF.
        if (position < data.Length && data[position] == 13)
        {
            position++;
        }

        if (position < data.Length && data[position] == 10)
        {
            position++;
        }

        var length = Number(entries.Entries.GetValueOrDefault("Length")) is >= 0 and <= int.MaxValue and var stated ? (int)stated : -1;
        if (length < 0 || position + (long)length > data.Length || !EndsHere(data, position + length))
        {
            var end = data[Math.Min(position, data.Length)..].IndexOf("endstream"u8);
            length = end < 0 ? data.Length - position : end;
            _budget.Take(length);
        }

        return new PdfObject.Stream(entries, _data.Slice(Math.Min(position, data.Length), Math.Max(0, length)));
    }

    private static bool EndsHere(ReadOnlySpan<byte> data, int position) =>
        data[position..Math.Min(data.Length, position + 20)].IndexOf("endstream"u8) is >= 0 and <= 4;

    private PdfObject? Object(int number)
    {
        if (_objects.TryGetValue(number, out var known))
        {
            return known;
        }

        if (_reading.Count >= MaximumReading)
        {
            throw new PdfFormatException($"To read one object, more than {MaximumReading} others have to be read.");
        }

        // A stream whose length is the stream itself, for example.
        if (!_reading.Add(number))
        {
            return null;
        }

        try
        {
            var value = Load(number);
            if (value is null && !_rebuilt && _table.Entries.ContainsKey(number))
            {
                _table = Rebuild();
                value = Load(number);
            }

            // By the specification what is missing is null. In a file whose table had to be made anew it is a part that was cut off.
            if (value is null && _rebuilt && !_rebuilding)
            {
                throw new PdfFormatException($"A part of it is missing (object {number}).");
            }

            return _objects[number] = value ?? new PdfObject.Null();
        }
        finally
        {
            _reading.Remove(number);
        }
    }

    private PdfObject? Load(int number)
    {
        if (!_table.Entries.TryGetValue(number, out var entry))
        {
            return null;
        }

        return entry.Container is { } container ? Container(container)?.Find(number) : ReadIndirect(entry.Offset, number);
    }

    private PdfObjectStream? Container(int number)
    {
        if (!_containers.TryGetValue(number, out var container))
        {
            if (Resolve(new PdfObject.Reference(number)) is not PdfObject.Stream stream)
            {
                return null;
            }

            _containers[number] = container = new PdfObjectStream(this, stream);
        }

        return container;
    }

    private PdfCrossReference Rebuild()
    {
        // While the table is made, what is asked for may be missing.
        (_rebuilt, _rebuilding) = (true, true);
        try
        {
            return PdfCrossReference.Rebuild(_data, this);
        }
        finally
        {
            _rebuilding = false;
        }
    }
}
