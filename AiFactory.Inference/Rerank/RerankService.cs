using System.Numerics.Tensors;
using System.Text;
using AiFactory.Contracts.OpenAI;
using AiFactory.Inference.Embeddings;
using AiFactory.Inference.Generations;
using AiFactory.Inference.OpenAI;
using AiFactory.Inference.Serving;

namespace AiFactory.Inference.Rerank;

/// <summary>
/// How well texts fit others. A ranker reads both together and says; of an embedding model the cosine of the two embeddings is taken, which costs less and says less.
/// </summary>
internal sealed class RerankService(RequestTermsReader termsReader, EmbeddingRunner runner, TokenizerGate tokenizer)
{
    /// <summary>Of all texts of one request, with the query as often as it is read: as OpenAI has it for embeddings.</summary>
    private const int MostTokens = 300_000;

    /// <param name="priority">The body's.</param>
    /// <param name="query">One text for all, or one for each document.</param>
    /// <param name="queryField">The name of the field that a query came from.</param>
    /// <returns>A score for each document, or the answer to a client that gets none.</returns>
    public async Task<(RerankScores? Scores, IResult Failure)> ScoreAsync(
        HttpContext http,
        ModelUse use,
        int? priority,
        IReadOnlyList<string> query,
        IReadOnlyList<string> documents,
        Func<int, string> queryField,
        Func<int, string> documentField,
        CancellationToken cancellationToken)
    {
        var model = use.Model;
        if (model.Embedder is not { } engine)
        {
            return (null, new OpenAIErrorResult(OpenAIError.Invalid($"The model '{model.Assignment.Deployment}' ranks nothing: its task is chat.", "model", "unsupported_task")));
        }

        if (termsReader.Read(http, priority, out var terms) is { } refusedTerms)
        {
            return (null, new OpenAIErrorResult(refusedTerms));
        }

        IReadOnlyList<int[]> inputs = [];
        if (await tokenizer.RunAsync(() => Tokenize(model, engine.ContextLength, query, documents, queryField, documentField, out inputs, cancellationToken), cancellationToken) is { } refusal)
        {
            return (null, new OpenAIErrorResult(refusal));
        }

        var (values, tokens, failure) = await runner.RunAsync(engine, "rerank", model.Assignment.Deployment, inputs, terms, cancellationToken);
        if (values is null)
        {
            return (null, failure);
        }

        var scores = model.RerankPrompt is not null
            ? Array.ConvertAll(values, ToScore)
            : Enumerable.Range(0, documents.Count).Select(i => (double)TensorPrimitives.Dot(values[query.Count == 1 ? 0 : i], values[query.Count + i])).ToArray();
        return (new RerankScores(model.Assignment.Deployment, scores, new Usage(tokens, null, tokens)), Results.Empty);
    }

    /// <summary>One number is the logit of "relevant", as vLLM takes it; of several (a model with labels, Qwen's yes and no) the first is its probability already.</summary>
    private static double ToScore(float[] rank) => rank is [var logit] ? 1 / (1 + Math.Exp(-logit)) : rank[0];

    /// <summary>For a ranker a pair for each document; else the queries, then the documents.</summary>
    private static OpenAIError? Tokenize(
        ServedModel model,
        int contextLength,
        IReadOnlyList<string> query,
        IReadOnlyList<string> documents,
        Func<int, string> queryField,
        Func<int, string> documentField,
        out IReadOnlyList<int[]> inputs,
        CancellationToken cancellationToken)
    {
        var all = 0;
        var (read, most) = (new List<int[]>(), model.Model.MostBytes(contextLength));
        inputs = read;
        for (var i = 0; i < query.Count + documents.Count; i++)
        {
            var (text, field) = i < query.Count ? (query[i], queryField(i)) : (documents[i - query.Count], documentField(i - query.Count));
            if (Encoding.UTF8.GetByteCount(text) is var bytes && bytes > most)
            {
                return OpenAIError.TextTooLong(contextLength, bytes, most, field);
            }

            if (model.RerankPrompt is null && Add(model.Model.Tokenize(text, addSpecial: true, parseSpecial: false), field) is { } refusal)
            {
                return refusal;
            }
        }

        Func<string, int[]>? pair = null;
        for (var i = 0; model.RerankPrompt is { } prompt && i < documents.Count; i++)
        {
            pair = i < query.Count ? prompt.For(query[i]) : pair;
            if (pair is not null && Add(pair(documents[i]), documentField(i)) is { } refusal)
            {
                return refusal;
            }
        }

        return null;

        OpenAIError? Add(int[] tokens, string field)
        {
            cancellationToken.ThrowIfCancellationRequested();
            read.Add(tokens);
            all += tokens.Length;
            return all > MostTokens ? OpenAIError.Invalid($"The texts up to '{field}' have {all} tokens, at most {MostTokens} are allowed in one request.", field, "too_many_tokens")
                : tokens.Length > contextLength ? OpenAIError.InputTooLong(contextLength, tokens.Length, field)
                : tokens.Length == 0 ? OpenAIError.Invalid($"'{field}' is an empty string.", field)
                : null;
        }
    }
}
