using System.Text.Json;

namespace AiFactory.Testing.Retrieval;

/// <summary>
/// Passages, and questions that paraphrase them. No model was tuned on it:
/// <code>
/// {"passages":[{"id":"p001","text":"..."}],"questions":[{"text":"...","passage":"p001"}]}
/// </code>
/// </summary>
/// <param name="Answers">For each question the index of its passage.</param>
public sealed record RetrievalSet(IReadOnlyList<string> Passages, IReadOnlyList<string> Questions, IReadOnlyList<int> Answers)
{
    public static RetrievalSet Load()
    {
        using var file = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(RepositoryFolder.Root, "tests", "AiFactory.Testing", "Retrieval", "retrieval.json")));
        var passages = file.RootElement.GetProperty("passages").EnumerateArray().ToList();
        var questions = file.RootElement.GetProperty("questions").EnumerateArray().ToList();
        var indices = passages.Select((passage, index) => (Id: Text(passage, "id"), index)).ToDictionary(entry => entry.Id, entry => entry.index, StringComparer.Ordinal);
        return new RetrievalSet(
            [.. passages.Select(passage => Text(passage, "text"))],
            [.. questions.Select(question => Text(question, "text"))],
            [.. questions.Select(question => indices[Text(question, "passage")])]);
    }

    private static string Text(JsonElement element, string name) =>
        element.GetProperty(name).GetString() ?? throw new InvalidDataException($"'{name}' of the retrieval set is null.");
}
