namespace AiFactory.Builder.Knowledge.Parsing.Pdf;

/// <summary>Objects within a stream (section 7.5.7): pairs of number and offset, then the objects from <c>/First</c> on.</summary>
internal sealed class PdfObjectStream
{
    private readonly ReadOnlyMemory<byte> _data;
    private readonly PdfBudget _budget;
    private readonly Dictionary<int, int> _offsets = [];

    internal PdfObjectStream(PdfFile file, PdfObject.Stream stream)
    {
        _budget = file.Budget;
        _data = file.Decode(stream);
        var count = (int)(file.Number(stream.Entries.Entries.GetValueOrDefault("N")) ?? 0);
        var first = (int)(file.Number(stream.Entries.Entries.GetValueOrDefault("First")) ?? 0);
        var reader = new PdfReader(_data);
        for (var i = 0; i < count && reader.Read() is PdfObject.Number number && reader.Read() is PdfObject.Number offset; i++)
        {
            _budget.TakeEntries(1);
            _offsets[(int)number.Value] = first + (int)offset.Value;
        }
    }

    internal IEnumerable<int> Numbers => _offsets.Keys;

    internal PdfObject? Find(int number)
    {
        if (!_offsets.TryGetValue(number, out var offset) || offset < 0 || offset >= _data.Length)
        {
            return null;
        }

        var reader = new PdfReader(_data, offset);
        var value = reader.Read();
        // As with objects of the file: one without an end is read to the stream's.
        _budget.Take(reader.Position - offset);
        _budget.TakeEntries(reader.Parts);
        return value;
    }
}
