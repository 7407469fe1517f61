using AiFactory.Inference.OpenAI;
using AiFactory.Inference.Weights;
using AiFactory.ServiceDefaults.Identity;

namespace AiFactory.Inference.Adapters;

/// <summary>For operators, as vLLM: <c>POST /v1/load_lora_adapter</c> and <c>POST /v1/unload_lora_adapter</c>.</summary>
internal static class AdapterEndpoints
{
    public static void AddAdapters(this IHostApplicationBuilder builder)
    {
        builder.Services.AddOptionsWithValidateOnStart<AdapterOptions>().BindConfiguration(AdapterOptions.Section).ValidateDataAnnotations();
        builder.Services.AddSingleton<LocalWeights>();
        builder.Services.AddSingleton<DeployedAdapters>();
        builder.Services.AddSingleton<AdapterFiles>();
        builder.Services.AddSingleton<AdapterStock>();
        builder.Services.AddSingleton<AdapterNames>();
        builder.Services.AddSingleton<AdapterService>();
    }

    public static void MapAdapters(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/v1").RequirePermission(Permissions.DeploymentsWrite);
        group.MapPost("/load_lora_adapter", Load);
        group.MapPost("/unload_lora_adapter", Unload);
    }

    private static async Task<IResult> Load(HttpContext http, AdapterService adapters, CancellationToken cancellationToken)
    {
        var (request, error) = await OpenAIBody.ReadAsync(http.Request, AdapterJson.Default.LoadAdapterRequest, cancellationToken);
        error = request is null ? error : await adapters.LoadAsync(http.GetIdentity(), request, cancellationToken);
        return error is null ? TypedResults.Text($"Success: LoRA adapter '{request?.LoraName}' added successfully.") : new OpenAIErrorResult(error);
    }

    private static async Task<IResult> Unload(HttpContext http, AdapterService adapters, CancellationToken cancellationToken)
    {
        var (request, error) = await OpenAIBody.ReadAsync(http.Request, AdapterJson.Default.UnloadAdapterRequest, cancellationToken);
        error = request is null ? error : await adapters.UnloadAsync(http.GetIdentity(), request, cancellationToken);
        return error is null ? TypedResults.Text($"Success: LoRA adapter '{request?.LoraName}' removed successfully.") : new OpenAIErrorResult(error);
    }
}
