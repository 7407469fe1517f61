using System.Globalization;
using System.Text.Json;
using AiFactory.Contracts.OpenAI;
using AiFactory.Inference.Chat;
using AiFactory.Inference.Completions;
using AiFactory.Inference.Embeddings;
using AiFactory.Inference.Generations;
using AiFactory.Inference.OpenAI;
using AiFactory.Inference.Rerank;
using AiFactory.Inference.Serving;

namespace AiFactory.Inference.KServe;

/// <summary>From tensors to tensors, by the model's own OpenAI route: there is one way to an answer.</summary>
internal sealed class InferenceService(
    ChatService chat, EmbeddingService embeddings, PrefixTenants tenants, RequestTermsReader termsReader, GenerationRunner runner, TokenizerGate tokenizer)
{
    /// <summary>Texts that are generated at once for one request: each takes a place of the queue.</summary>
    private const int MostAnswers = 64;

    /// <returns>A refusal of the model's route in that route's form.</returns>
    public async Task<IResult> AnswerAsync(HttpContext http, ModelUse use, InferenceRequest request, RerankService rerank, CancellationToken cancellationToken)
    {
        var model = use.Model;
        var (possible, wanted) = (ModelTensors.Outputs(model), (request.Outputs ?? []).Select(output => output?.Name ?? "").ToList());
        if (wanted.Find(name => !possible.Contains(name)) is { } unknown)
        {
            return KServeErrorResult.Invalid($"The model '{model.Assignment.Deployment}' has no output '{unknown}'; it has {string.Join(", ", possible)}.");
        }

        if (InferenceInputs.Read(request, ModelTensors.Inputs(model), out var inputs) is { } refusal)
        {
            return KServeErrorResult.Invalid(refusal);
        }

        if (model.Generator is not null && inputs.Items.Count > MostAnswers)
        {
            return KServeErrorResult.Invalid($"The input '{inputs.Tensor}' has {inputs.Items.Count} texts, at most {MostAnswers} are answered in one request.");
        }

        try
        {
            var (outputs, tokens, failure) = model.RerankPrompt is not null ? await RankAsync(http, use, inputs, rerank, cancellationToken)
                : model.Generator is null
                ? await EmbedAsync(http, use, inputs, cancellationToken)
                : await GenerateAsync(http, use, inputs, cancellationToken);
            return failure is null ? TypedResults.Json(
                new InferenceResponse(
                    use.Name,
                    model.Assignment.ModelVersion.ToString(CultureInfo.InvariantCulture),
                    request.Id,
                    tokens,
                    [.. outputs.Where(output => wanted.Count == 0 || wanted.Contains(output.Name))]),
                KServeJson.Default.InferenceResponse)
                : failure;
        }
        catch (JsonException fault)
        {
            return KServeErrorResult.Invalid($"'parameters' is not what a model of this kind takes: invalid type or value at {fault.Path}.");
        }
    }

    private async Task<(IReadOnlyList<ResponseTensor> Outputs, Dictionary<string, int> Tokens, IResult? Failure)> EmbedAsync(
        HttpContext http, ModelUse use, InferenceInputs inputs, CancellationToken cancellationToken)
    {
        var request = (inputs.Parameters.Deserialize(OpenAIJson.Default.EmbeddingsRequest) ?? new()) with
        {
            Model = use.Model.Assignment.Deployment,
            EncodingFormat = null,
            Input = JsonSerializer.SerializeToElement([.. inputs.Items], KServeJson.Default.ListJsonElement),
        };
        if (await embeddings.AnswerAsync(http, use, request, cancellationToken) is var answer && answer is not IValueHttpResult<EmbeddingsResponse> { Value: { } response })
        {
            return ([], [], answer);
        }

        var vectors = response.Data.Select(item => (float[])item.Embedding).ToList();
        return ([new ResponseTensor(ModelTensors.Embedding, "FP32", [vectors.Count, vectors[0].Length], vectors.SelectMany(vector => vector).ToArray())], ToTokens([response.Usage]), null);
    }

    private static async Task<(IReadOnlyList<ResponseTensor> Outputs, Dictionary<string, int> Tokens, IResult? Failure)> RankAsync(
        HttpContext http, ModelUse use, InferenceInputs inputs, RerankService rerank, CancellationToken cancellationToken)
    {
        // The reader has seen that each is a text.
        var texts = inputs.Items.Select(item => RequestValues.Text(item) ?? "").ToList();
        var priority = inputs.Parameters.Deserialize(OpenAIJson.Default.RerankRequest)?.Priority;
        var (scores, failure) = await rerank.ScoreAsync(
            http, use, priority, [inputs.Query], texts, _ => ModelTensors.Query, i => $"{ModelTensors.Text}[{i}]", cancellationToken);
        return scores is null
            ? ([], [], failure)
            : ([new ResponseTensor(ModelTensors.Relevance, "FP32", [texts.Count], scores.Values.Select(score => (float)score).ToArray())], ToTokens([scores.Usage]), null);
    }

    private async Task<(IReadOnlyList<ResponseTensor> Outputs, Dictionary<string, int> Tokens, IResult? Failure)> GenerateAsync(
        HttpContext http, ModelUse use, InferenceInputs inputs, CancellationToken cancellationToken)
    {
        using var all = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var running = inputs.Items.Select(item => GenerateOneAsync(http, use, inputs, item, all.Token)).ToList();
        var answers = new List<(string Text, string Reason, Usage? Usage)>();
        foreach (var one in running)
        {
            var (text, reason, usage, failure) = await one;
            if (failure is not null)
            {
                await all.CancelAsync();
                await ((Task)Task.WhenAll(running)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                return ([], [], failure);
            }

            answers.Add((text, reason, usage));
        }

        return (
            [
                new ResponseTensor(ModelTensors.Answer, "BYTES", [answers.Count], answers.Select(answer => answer.Text).ToArray()),
                new ResponseTensor(ModelTensors.FinishReason, "BYTES", [answers.Count], answers.Select(answer => answer.Reason).ToArray()),
            ],
            ToTokens(answers.Select(answer => answer.Usage)),
            null);
    }

    private async Task<(string Text, string Reason, Usage? Usage, IResult? Failure)> GenerateOneAsync(
        HttpContext http, ModelUse use, InferenceInputs inputs, JsonElement item, CancellationToken cancellationToken)
    {
        var name = use.Name;
        var answer = inputs.Tensor == ModelTensors.Text
            ? await chat.AnswerAsync(
                http, use, (inputs.Parameters.Deserialize(OpenAIJson.Default.ChatCompletionRequest) ?? new()) with { Model = name, Messages = [new ChatRequestMessage("user", item)] }, cancellationToken)
            : await CompletionEndpoints.AnswerAsync(
                http, use, (inputs.Parameters.Deserialize(OpenAIJson.Default.CompletionRequest) ?? new()) with { Model = name, Prompt = item }, tenants, termsReader, runner, tokenizer, cancellationToken);
        return answer switch
        {
            IValueHttpResult<ChatCompletion> { Value: { } chatted } => (chatted.Choices[0].Message.Content ?? "", chatted.Choices[0].FinishReason ?? "", chatted.Usage, null),
            IValueHttpResult<Completion> { Value: { } completed } => (completed.Choices[0].Text, completed.Choices[0].FinishReason ?? "", completed.Usage, null),
            _ => ("", "", null, answer),
        };
    }

    private static Dictionary<string, int> ToTokens(IEnumerable<Usage?> usages)
    {
        var all = usages.OfType<Usage>().ToList();
        var tokens = new Dictionary<string, int>(StringComparer.Ordinal) { ["prompt_tokens"] = all.Sum(usage => usage.PromptTokens) };
        if (all.Sum(usage => usage.CompletionTokens) is > 0 and var completion)
        {
            tokens["completion_tokens"] = completion;
        }

        return tokens;
    }
}
