using System.Globalization;
using AiFactory.Contracts;
using AiFactory.Inference.OpenAI;
using AiFactory.Inference.Rerank;
using AiFactory.Inference.Serving;
using AiFactory.ServiceDefaults.Identity;

namespace AiFactory.Inference.KServe;

/// <summary>What is said of one model, and its inference.</summary>
internal static class ModelEndpoints
{
    public static void MapModel(this IEndpointRouteBuilder group, string path)
    {
        group.MapGet(path, GetMetadata);
        group.MapGet($"{path}/ready", GetReady);
        group.MapPost($"{path}/infer", Infer);
    }

    private static async Task<IResult> GetMetadata(string name, string? version, HttpContext http, ModelResolver models, CancellationToken cancellationToken)
    {
        name = RouteName.Read(name);
        var answer = await models.HoldAsync(
            http,
            name,
            use => Task.FromResult<IResult>(
                IsVersion(use.Model.Assignment.ModelVersion, version) ? TypedResults.Json(ModelTensors.Describe(use.Model), KServeJson.Default.ModelMetadata) : NotFound(name, version)),
            cancellationToken);
        return answer is OpenAIErrorResult { Error: { } refusal } ? new KServeErrorResult(refusal) : answer;
    }

    /// <summary>A model that is known and not loaded is not ready, and nothing waits for it.</summary>
    private static IResult GetReady(string name, string? version, HttpContext http, ModelRegistry registry) => registry.Find(http.Request.Headers[WireHeaders.Deployment], RouteName.Read(name), http.GetIdentity()) switch
    {
        ModelLookup.Found found when IsVersion(found.Model.Assignment.ModelVersion, version) => TypedResults.Json(new ModelReady(RouteName.Read(name), true), KServeJson.Default.ModelReady),
        ModelLookup.NotReady known when IsVersion(known.Version, version) => TypedResults.Json(new ModelReady(RouteName.Read(name), false), KServeJson.Default.ModelReady, statusCode: StatusCodes.Status400BadRequest),
        _ => NotFound(name, version),
    };

    private static async Task<IResult> Infer(string name, string? version, HttpContext http, ModelResolver models, InferenceService inference, RerankService rerank, CancellationToken cancellationToken)
    {
        name = RouteName.Read(name);
        if (http.Request.Headers.ContainsKey("Inference-Header-Content-Length"))
        {
            return KServeErrorResult.Invalid("The binary tensor data extension is not supported: send the tensors as JSON.");
        }

        var (request, error) = await OpenAIBody.ReadAsync(http.Request, KServeJson.Default.InferenceRequest, cancellationToken);
        if (request is null)
        {
            return new KServeErrorResult(error ?? OpenAIError.Invalid("The body is missing.", null));
        }

        var answer = await models.HoldAsync(
            http,
            name,
            async use => IsVersion(use.Model.Assignment.ModelVersion, version) ? await inference.AnswerAsync(http, use, request, rerank, cancellationToken) : NotFound(name, version),
            cancellationToken);
        return answer is OpenAIErrorResult { Error: { } refusal } ? new KServeErrorResult(refusal) : answer;
    }

    private static bool IsVersion(int served, string? version) => version is null || version == served.ToString(CultureInfo.InvariantCulture);

    private static KServeErrorResult NotFound(string name, string? version) =>
        version is null ? new(OpenAIError.ModelNotFound(name)) : new(404, $"The model '{name}' has no version '{version}' here.");
}
