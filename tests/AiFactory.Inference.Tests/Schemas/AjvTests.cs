using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using AiFactory.Contracts.OpenAI;
using AiFactory.Inference.Engine.Sampling;
using AiFactory.Inference.Tests.Worker;

namespace AiFactory.Inference.Tests.Schemas;

/// <summary>Whatever a model wants to say, an answer that has ended meets its schema.</summary>
[Collection(SharedWorker.Name)]
public sealed class AjvTests(WorkerFixture fixture)
{
    private static readonly string[] Pieces = ["\"", "}", "]", ",", ": ", "{\"", "\": ", "true", "null", "12", "0.5", "-", "\\u00e4", "\\n", "  ", "\n", "name", "kind", "circle", "2024-02-29", "\u00e9", "\U0001F600", "@", "://"];

    private readonly HttpClient _client = fixture.Worker.CreateCaller();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_text_that_a_schemas_grammar_allows_meets_the_schema()
    {
        var vocabulary = new VocabularyTrie([.. Enumerable.Range(0, 256).Select(value => (byte[])[(byte)value]), .. Pieces.Select(Encoding.UTF8.GetBytes)]);
        var cases = SchemaSamples.All.AsParallel().AsOrdered().Select((schema, index) => (schema, (IReadOnlyList<string>)[.. Enumerable.Range(0, 60).Select(seed => Walk(schema, vocabulary, new Random((100 * index) + seed))).OfType<string>()])).ToList();

        (await Ajv.JudgeAsync(cases)).ShouldBeEmpty();

        // But for the one constant, and a text of which a part only is said, which seldom comes to its end.
        cases.Count(one => one.Item2.Distinct().Count() < 2).ShouldBeLessThanOrEqualTo(2);
    }

    [Fact]
    public async Task A_model_of_random_weights_answers_as_the_schema_says_or_is_cut()
    {
        var answers = await Task.WhenAll(SchemaSamples.All.SelectMany((schema, index) => Enumerable.Range(0, 3).Select(seed => AnswerAsync(schema, (10 * index) + seed))));
        answers.ShouldAllBe(answer => answer.Reason == FinishReasons.Stop || answer.Reason == FinishReasons.Length);
        (await Ajv.JudgeAsync(answers.Where(answer => answer.Reason == FinishReasons.Stop).Select(answer => (answer.Schema, (IReadOnlyList<string>)[answer.Text])))).ShouldBeEmpty();
        answers.Count(answer => answer.Reason == FinishReasons.Stop).ShouldBeGreaterThan(answers.Length / 2);

        // Cut, it is the beginning of JSON and no more.
        answers.Where(answer => answer.Reason == FinishReasons.Length && IsJson(answer.Text) && answer.Text.TrimEnd().EndsWith('}')).ShouldBeEmpty();
    }

    private static bool IsJson(string text)
    {
        try
        {
            using var read = JsonDocument.Parse(text);
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private async Task<(string Schema, string Text, string? Reason)> AnswerAsync(string schema, int seed)
    {
        using var response = await _client.PostAsJsonAsync(
            "/v1/chat/completions",
            new
            {
                model = seed % 2 == 0 ? "bytes" : "endless",
                messages = new[] { new { role = "user", content = "x" } },
                seed,
                max_tokens = 300,
                response_format = new { type = "json_schema", json_schema = new { name = "sample", strict = true, schema = JsonDocument.Parse(schema).RootElement } },
            },
            Token);
        response.StatusCode.ShouldBe(HttpStatusCode.OK, $"{schema}: {await response.Content.ReadAsStringAsync(Token)}");
        var choice = (await response.Content.ReadFromJsonAsync(OpenAIJson.Default.ChatCompletion, Token)).ShouldNotBeNull().Choices.ShouldHaveSingleItem();
        return (schema, choice.Message.Content.ShouldNotBeNull(), choice.FinishReason);
    }

    /// <returns>Null when the way has become too long.</returns>
    private static string? Walk(string schema, VocabularyTrie vocabulary, Random random)
    {
        var constraint = new TokenConstraint(SchemaGrammarTests.Compile(schema), vocabulary, _ => false);
        var text = new List<byte>();
        for (var step = 0; step < 400; step++)
        {
            if (constraint.IsComplete || (constraint.MayEnd && random.Next(4) == 0))
            {
                return Encoding.UTF8.GetString([.. text]);
            }

            // Ends are taken gladly, or a text would go on and on.
            var allowed = constraint.GetAllowed();
            var ends = Array.FindAll(allowed, token => vocabulary.Piece(token)[0] is (byte)'"' or (byte)'}' or (byte)']');
            var pick = ends.Length > 0 && random.Next(4) == 0 ? ends : allowed;
            var token = pick[random.Next(pick.Length)];
            constraint.Accept(token);
            text.AddRange(vocabulary.Piece(token));
        }

        return null;
    }
}
