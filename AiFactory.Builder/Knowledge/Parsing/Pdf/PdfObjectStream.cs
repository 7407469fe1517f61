namespace AiFactory.Builder.Knowledge.Parsing.Pdf;

/// <summary>Objects within a stream (section 7.5.7): pairs of number and offset, then the objects from <c>/First</c> on.</summary>
internal sealed class PdfObjectStream
{
    private readonly byte[] _data;
    private readonly Dictionary<int, int> _offsets = [];

    internal PdfObjectStream(PdfFile file, PdfObject.Stream stream)
    {
        _data = file.Decode(stream);
        var count = (int)(file.Number(stream.Entries.Entries.GetValueOrDefault("N")) ?? 0);
        var first = (int)(file.Number(stream.Entries.Entries.GetValueOrDefault("First")) ?? 0);
        var reader = new PdfReader(_data);
        for (var i = 0; i < count && reader.Read() is PdfObject.Number number && reader.Read() is PdfObject.Number offset; i++)
        {
            _offsets[(int)number.Value] = first + (int)offset.Value;
        }
    }

    internal IEnumerable<int> Numbers => _offsets.Keys;

    internal PdfObject? Find(int number) =>
        _offsets.TryGetValue(number, out var offset) && offset >= 0 && offset < _data.Length ? new PdfReader(_data, offset).Read() : null;
}
