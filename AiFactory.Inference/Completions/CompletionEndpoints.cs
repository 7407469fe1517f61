using AiFactory.Contracts.OpenAI;
using AiFactory.Inference.Engine.Sampling;
using AiFactory.Inference.Generations;
using AiFactory.Inference.OpenAI;
using AiFactory.Inference.Serving;

namespace AiFactory.Inference.Completions;

internal static class CompletionEndpoints
{
    /// <summary>OpenAI's own default for this route.</summary>
    private const int DefaultMaxTokens = 16;

    public static void MapCompletions(this IEndpointRouteBuilder routes) => routes.MapPost("/completions", Complete);

    private static async Task<IResult> Complete(
        HttpContext http, ModelResolver models, PrefixTenants tenants, RequestTermsReader termsReader, GenerationRunner runner, TokenizerGate tokenizer, CancellationToken cancellationToken)
    {
        var (request, error) = await OpenAIBody.ReadAsync(http.Request, OpenAIJson.Default.CompletionRequest, cancellationToken);
        if (request is null)
        {
            return new OpenAIErrorResult(error ?? OpenAIError.Invalid("The body is missing.", null));
        }

        return await models.HoldAsync(http, request.Model, use => AnswerAsync(http, use, request, tenants, termsReader, runner, tokenizer, cancellationToken), cancellationToken);
    }

    /// <summary>For who holds the model already.</summary>
    internal static async Task<IResult> AnswerAsync(
        HttpContext http, ModelUse use, CompletionRequest request, PrefixTenants tenants, RequestTermsReader termsReader, GenerationRunner runner, TokenizerGate tokenizer, CancellationToken cancellationToken)
    {
        var model = use.Model;
        if ((GenerationParametersReader.Read(request, model.Model.Sampling, out var sampling, out var stop) ?? RefuseUnsupported(request)) is { } refusal)
        {
            return new OpenAIErrorResult(refusal);
        }

        if (termsReader.Read(http, request.Priority, out var terms) is { } refusedTerms)
        {
            return new OpenAIErrorResult(refusedTerms);
        }

        if (ReadRules(request, model, cancellationToken, out var rules) is { } refusedRules)
        {
            return new OpenAIErrorResult(refusedRules);
        }

        var prompt = new CompletionPrompt([], "");
        if (await tokenizer.RunAsync(() => CompletionPrompt.Read(request, model, out prompt), cancellationToken) is { } refusedPrompt)
        {
            return new OpenAIErrorResult(refusedPrompt);
        }

        var builder = new GenerationRequestBuilder(
            prompt.Tokens, "prompt", request.MaxTokens ?? DefaultMaxTokens, sampling, stop, request.Stream == true, request.StreamOptions?.IncludeUsage == true)
        {
            Tenant = tenants.Of(http, request.CacheSalt),
            ReadsCache = request.CachePrompt ?? true,
            Adapter = use.Adapter,
            Terms = terms,
            Rules = rules,
            Choices = request.N ?? 1,
        };
        return await runner.RunAsync(model, builder, new CompletionFormat(prompt.Echo), cancellationToken);
    }

    private static OpenAIError? RefuseUnsupported(CompletionRequest request) =>
        request is { Echo: true, Logprobs: not null } ? OpenAIError.Unsupported("echo", " together with 'logprobs': those of a prompt are not computed")
        : request.BestOf is { } best && best != (request.N ?? 1) ? OpenAIError.Unsupported("best_of", " with other values than 'n'")
        : GenerationParametersReader.Between(request.Logprobs, 0, AnswerRulesReader.MostTopLogprobs, "logprobs");

    private static OpenAIError? ReadRules(CompletionRequest request, ServedModel model, CancellationToken cancellationToken, out AnswerRules rules)
    {
        AnswerGrammar? grammar = null;
        return AnswerRulesReader.Read(request, model.Model, request.Logprobs, out rules)
            ?? AnswerGrammarReader.Read(request, cancellationToken, out grammar)
            ?? AnswerRulesReader.Hold(grammar, ref rules);
    }
}
