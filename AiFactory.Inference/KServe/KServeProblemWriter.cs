namespace AiFactory.Inference.KServe;

/// <summary>Below <c>/v2</c>, errors that the framework finds (no identity, no route, an exception) take the protocol's form too.</summary>
internal sealed class KServeProblemWriter : IProblemDetailsWriter
{
    public bool CanWrite(ProblemDetailsContext context) => context.HttpContext.Request.Path.StartsWithSegments("/v2", StringComparison.Ordinal);

    public async ValueTask WriteAsync(ProblemDetailsContext context) => await new KServeErrorResult(
        context.ProblemDetails.Status ?? context.HttpContext.Response.StatusCode,
        context.ProblemDetails.Detail ?? context.ProblemDetails.Title ?? "The request failed.").ExecuteAsync(context.HttpContext);
}
