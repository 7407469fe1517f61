using AiFactory.Inference.OpenAI;
using AiFactory.ServiceDefaults.Identity;

namespace AiFactory.Inference.Lifecycle;

/// <summary>
/// For operators. As vLLM: <c>POST /sleep</c>, <c>POST /wake_up</c>, <c>GET /is_sleeping</c>, each with <c>?model=</c>, for a worker has several; without it they mean all that the caller sees.
/// As llama-server: <c>POST /models/unload</c> and <c>POST /models/load</c> with <c>{"model":"..."}</c>.
/// </summary>
internal static class LifecycleEndpoints
{
    public static void AddLifecycle(this IHostApplicationBuilder builder)
    {
        builder.Services.AddOptionsWithValidateOnStart<LifecycleOptions>().BindConfiguration(LifecycleOptions.Section).ValidateDataAnnotations();
        builder.Services.AddSingleton<ModelPowers>();
        builder.Services.AddSingleton<LifecycleService>();
    }

    public static void MapLifecycle(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("").RequirePermission(Permissions.DeploymentsWrite);
        group.MapPost("/sleep", Sleep);
        group.MapPost("/wake_up", WakeUp);
        group.MapPost("/models/unload", Unload);
        group.MapPost("/models/load", Load);
        routes.MapGet("/is_sleeping", IsSleeping).RequirePermission(Permissions.DeploymentsRead);
    }

    private static async Task<IResult> Sleep(HttpContext http, LifecycleService lifecycle, string? model, CancellationToken cancellationToken)
    {
        // vLLM's level 1 keeps the weights in the machine's memory and its level 2 does not; here the file is what is kept, and the system keeps as much of it in memory as there is room for.
        var refusal = http.Request.Query["level"] is { Count: > 0 } level && level != "1" && level != "2" ? OpenAIError.Invalid("'level' is 1 or 2; both free all memory and keep the file.", "level")
            : http.Request.Query["mode"] is { Count: > 0 } mode && mode != "wait" ? OpenAIError.Unsupported("mode", " with other values than wait: answers in progress may end within Engine:DrainTimeout")
            : null;
        return Answer(refusal ?? await lifecycle.RestAsync(http.GetIdentity(), model, unload: false, cancellationToken), Results.Ok());
    }

    private static async Task<IResult> WakeUp(HttpContext http, LifecycleService lifecycle, string? model, CancellationToken cancellationToken) => Answer(
        http.Request.Query["tags"] is { Count: > 0 } ? OpenAIError.Unsupported("tags", ": a model wakes as a whole") : await lifecycle.WakeAsync(http.GetIdentity(), model, cancellationToken),
        Results.Ok());

    private static IResult IsSleeping(HttpContext http, LifecycleService lifecycle, string? model) =>
        Answer(lifecycle.IsSleeping(http.GetIdentity(), model, out var isSleeping), TypedResults.Json(new SleepState(isSleeping), LifecycleJson.Default.SleepState));

    private static Task<IResult> Unload(HttpContext http, LifecycleService lifecycle, CancellationToken cancellationToken) =>
        ChangeAsync(http, name => lifecycle.RestAsync(http.GetIdentity(), name, unload: true, cancellationToken), cancellationToken);

    private static Task<IResult> Load(HttpContext http, LifecycleService lifecycle, CancellationToken cancellationToken) =>
        ChangeAsync(http, name => lifecycle.WakeAsync(http.GetIdentity(), name, cancellationToken), cancellationToken);

    private static async Task<IResult> ChangeAsync(HttpContext http, Func<string, Task<OpenAIError?>> change, CancellationToken cancellationToken)
    {
        var (request, error) = await OpenAIBody.ReadAsync(http.Request, LifecycleJson.Default.ModelChange, cancellationToken);
        return request is null ? Answer(error, Results.Empty)
            : string.IsNullOrEmpty(request.Model) ? Answer(OpenAIError.Invalid("You must provide a model parameter.", "model"), Results.Empty)
            : Answer(await change(request.Model), TypedResults.Json(new ModelChanged(true), LifecycleJson.Default.ModelChanged));
    }

    private static IResult Answer(OpenAIError? error, IResult answer) => error is null ? answer : new OpenAIErrorResult(error);
}
