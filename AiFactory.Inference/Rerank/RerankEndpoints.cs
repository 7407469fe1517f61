using System.Text.Json;
using AiFactory.Contracts.OpenAI;
using AiFactory.Inference.OpenAI;
using AiFactory.Inference.Serving;

namespace AiFactory.Inference.Rerank;

internal static class RerankEndpoints
{
    private const int MostDocuments = 2048;

    public static void AddRerank(this IHostApplicationBuilder builder) => builder.Services.AddSingleton<RerankService>();

    public static void MapRerank(this IEndpointRouteBuilder routes)
    {
        routes.MapPost("/rerank", Rerank);
        routes.MapPost("/score", Score);
    }

    private static async Task<IResult> Rerank(HttpContext http, ModelResolver models, RerankService rerank, TimeProvider time, CancellationToken cancellationToken)
    {
        var (request, error) = await OpenAIBody.ReadAsync(http.Request, OpenAIJson.Default.RerankRequest, cancellationToken);
        return request is null
            ? new OpenAIErrorResult(error ?? OpenAIError.Invalid("The body is missing.", null))
            : await models.HoldAsync(http, request.Model, use => AnswerAsync(http, use, request, rerank, time, cancellationToken), cancellationToken);
    }

    /// <summary>For who holds the model already.</summary>
    internal static async Task<IResult> AnswerAsync(HttpContext http, ModelUse use, RerankRequest request, RerankService rerank, TimeProvider time, CancellationToken cancellationToken)
    {
        IReadOnlyList<string> documents = [];
        if ((Check(request) ?? ReadAll(request.Documents ?? [], "documents", out documents)) is { } refusal)
        {
            return new OpenAIErrorResult(refusal);
        }

        var (scores, failure) = await rerank.ScoreAsync(http, use, request.Priority, [request.Query ?? ""], documents, _ => "query", i => $"documents[{i}]", cancellationToken);
        return scores is null ? failure : TypedResults.Json(
            new RerankResponse(
                $"rerank-{Guid.CreateVersion7(time.GetUtcNow()):N}",
                "list",
                scores.Model,
                [.. scores.Values
                    .Select((score, index) => new RerankResult(index, score, request.ReturnDocuments == true ? new RerankDocument(documents[index]) : null))
                    .OrderByDescending(result => result.RelevanceScore)
                    .Take(request.TopN ?? int.MaxValue)],
                scores.Usage),
            OpenAIJson.Default.RerankResponse);
    }

    private static async Task<IResult> Score(HttpContext http, ModelResolver models, RerankService rerank, TimeProvider time, CancellationToken cancellationToken)
    {
        var (request, error) = await OpenAIBody.ReadAsync(http.Request, ScoreJson.Default.ScoreRequest, cancellationToken);
        return request is null
            ? new OpenAIErrorResult(error ?? OpenAIError.Invalid("The body is missing.", null))
            : await models.HoldAsync(http, request.Model, use => ScoreAsync(http, use, request, rerank, time, cancellationToken), cancellationToken);
    }

    private static async Task<IResult> ScoreAsync(HttpContext http, ModelUse use, ScoreRequest request, RerankService rerank, TimeProvider time, CancellationToken cancellationToken)
    {
        IReadOnlyList<string> left = [], right = [];
        if ((RefuseCut(request.TruncatePromptTokens) ?? ReadOneOrAll(request.Text1, "text_1", out left) ?? ReadOneOrAll(request.Text2, "text_2", out right)) is { } refusal)
        {
            return new OpenAIErrorResult(refusal);
        }

        if (left.Count != 1 && left.Count != right.Count)
        {
            return new OpenAIErrorResult(OpenAIError.Invalid($"'text_1' is one text or as many as 'text_2': it has {left.Count}, 'text_2' has {right.Count}.", "text_1"));
        }

        var (scores, failure) = await rerank.ScoreAsync(http, use, request.Priority, left, right, i => $"text_1[{i}]", i => $"text_2[{i}]", cancellationToken);
        return scores is null ? failure : TypedResults.Json(
            new ScoreResponse(
                $"score-{Guid.CreateVersion7(time.GetUtcNow()):N}",
                "list",
                time.GetUtcNow().ToUnixTimeSeconds(),
                scores.Model,
                [.. scores.Values.Select((score, index) => new ScoreData(index, "score", score))],
                scores.Usage),
            ScoreJson.Default.ScoreResponse);
    }

    private static OpenAIError? Check(RerankRequest request) =>
        string.IsNullOrEmpty(request.Query) ? OpenAIError.Invalid("You must provide 'query', a text.", "query")
        : request.Documents is not { Count: > 0 } ? OpenAIError.Invalid("You must provide 'documents', at least one.", "documents")
        : request.TopN is < 1 ? OpenAIError.Invalid("'top_n' is at least 1.", "top_n")
        : request.RankFields is { ValueKind: not JsonValueKind.Null } ? OpenAIError.Unsupported("rank_fields", ": a document is a text")
        : request.MaxChunksPerDoc is not null ? OpenAIError.Unsupported("max_chunks_per_doc", "")
        : request.MaxTokensPerDoc is not null ? OpenAIError.Unsupported("max_tokens_per_doc", ": nothing is cut, a document that is too long is refused")
        : RefuseCut(request.TruncatePromptTokens);

    private static OpenAIError? RefuseCut(int? tokens) =>
        tokens is null ? null : OpenAIError.Unsupported("truncate_prompt_tokens", ": nothing is cut, a text that is too long is refused");

    private static OpenAIError? ReadOneOrAll(JsonElement? value, string field, out IReadOnlyList<string> texts)
    {
        texts = [];
        return value switch
        {
            { ValueKind: JsonValueKind.String } one => ReadAll([one], field, out texts),
            { ValueKind: JsonValueKind.Array } array when array.GetArrayLength() > 0 => ReadAll([.. array.EnumerateArray()], field, out texts),
            _ => OpenAIError.Invalid($"'{field}' is a text or an array of texts.", field),
        };
    }

    private static OpenAIError? ReadAll(IReadOnlyList<JsonElement> items, string field, out IReadOnlyList<string> texts)
    {
        var read = new List<string>();
        texts = read;
        if (items.Count > MostDocuments)
        {
            return OpenAIError.Invalid($"'{field}' has {items.Count} texts, at most {MostDocuments} are allowed in one request.", field);
        }

        foreach (var item in items)
        {
            if ((RequestValues.Text(item) ?? RequestValues.FindText(item, "text")) is not { Length: > 0 } text)
            {
                return OpenAIError.Invalid($"Each of '{field}' is a text that is not empty, or an object with one as its 'text'.", $"{field}[{read.Count}]");
            }

            read.Add(text);
        }

        return null;
    }
}
