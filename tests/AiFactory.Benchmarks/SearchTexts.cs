using System.Text;
using AiFactory.Testing.Retrieval;

namespace AiFactory.Benchmarks;

/// <summary>Paragraphs of the retrieval set's own words, each as frequent as it is there, so that a search by words finds as many rows as in real texts.</summary>
internal sealed class SearchTexts(RetrievalSet set)
{
    private const int Length = 560;

    private readonly Random _random = new(5);
    private readonly string[] _words = [.. set.Passages.SelectMany(passage => passage.Split(' ', StringSplitOptions.RemoveEmptyEntries)).Select(word => word.Trim('.', ',', ';', ':').ToLowerInvariant())];

    internal string Query(int index) => set.Questions[index % set.Questions.Count];

    internal string Paragraph()
    {
        var text = new StringBuilder();
        while (text.Length < Length - 100)
        {
            var sentence = string.Join(' ', Enumerable.Range(0, _random.Next(7, 14)).Select(_ => _words[_random.Next(_words.Length)]));
            text.Append(text.Length > 0 ? " " : "").Append(char.ToUpperInvariant(sentence[0])).Append(sentence.AsSpan(1)).Append('.');
        }

        return text.ToString();
    }
}
