using System.Text.Json.Serialization.Metadata;
using AiFactory.Inference.Native;
using AiFactory.Inference.OpenAI;
using AiFactory.Inference.Serving;
using AiFactory.ServiceDefaults.Identity;

namespace AiFactory.Inference.Tokens;

/// <summary>What a model makes of a text, without computing anything: the routes of vLLM and llama-server.</summary>
internal static class TokenEndpoints
{
    public static void MapTokens(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("").RequirePermission(Permissions.InferenceInvoke);
        group.MapPost("/tokenize", Tokenize);
        group.MapPost("/detokenize", Detokenize);
        group.MapPost("/apply-template", ApplyTemplate);
    }

    private static Task<IResult> Tokenize(HttpContext http, ModelResolver models, TokenizerGate gate, CancellationToken cancellationToken) => AnswerAsync(
        http, models, gate, TokenJson.Default.TokenizeRequest, request => request.Model, (request, model) => Write(TokenService.Tokenize(request, model, cancellationToken), TokenJson.Default.TokenizeResponse), cancellationToken);

    private static Task<IResult> Detokenize(HttpContext http, ModelResolver models, TokenizerGate gate, CancellationToken cancellationToken) => AnswerAsync(
        http, models, gate, TokenJson.Default.DetokenizeRequest, request => request.Model, (request, model) => Write(TokenService.Detokenize(request, model), TokenJson.Default.DetokenizeResponse), cancellationToken);

    private static Task<IResult> ApplyTemplate(HttpContext http, ModelResolver models, TokenizerGate gate, CancellationToken cancellationToken) => AnswerAsync(
        http, models, gate, TokenJson.Default.TokenizeRequest, request => request.Model, (request, model) => Write(TokenService.ApplyTemplate(request, model, cancellationToken), TokenJson.Default.ApplyTemplateResponse), cancellationToken);

    private static async Task<IResult> AnswerAsync<T>(
        HttpContext http, ModelResolver models, TokenizerGate gate, JsonTypeInfo<T> type, Func<T, string?> name, Func<T, ServedModel, IResult> answer, CancellationToken cancellationToken)
        where T : class
    {
        var (request, error) = await OpenAIBody.ReadAsync(http.Request, type, cancellationToken);
        if (request is null)
        {
            return new OpenAIErrorResult(error ?? OpenAIError.Invalid("The body is missing.", null));
        }

        return await models.HoldAsync(http, name(request) ?? models.OnlyName(http), use => gate.RunAsync(() => answer(request, use.Model), cancellationToken), cancellationToken);
    }

    private static IResult Write<T>((T? Value, OpenAIError? Error) answer, JsonTypeInfo<T> type)
        where T : class =>
        answer.Value is { } value ? TypedResults.Json(value, type) : new OpenAIErrorResult(answer.Error ?? OpenAIError.Failed("The text cannot be tokenized."));
}
