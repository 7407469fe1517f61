using AiFactory.Inference.Chat;
using AiFactory.Inference.Completions;
using AiFactory.Inference.Embeddings;
using AiFactory.Inference.Generations;
using AiFactory.Inference.Models;
using AiFactory.Inference.Serving;
using AiFactory.ServiceDefaults.Identity;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Options;

namespace AiFactory.Inference.OpenAI;

internal static class OpenAIExtensions
{
    public static void AddOpenAI(this IHostApplicationBuilder builder)
    {
        builder.Services.AddSingleton<IProblemDetailsWriter, OpenAIProblemWriter>();
        builder.Services.AddOptionsWithValidateOnStart<OpenAIOptions>().BindConfiguration(OpenAIOptions.Section).ValidateDataAnnotations();
        builder.Services.AddOptions<KestrelServerOptions>()
            .Configure<IOptions<OpenAIOptions>>((kestrel, options) => kestrel.Limits.MaxRequestBodySize = options.Value.MaxRequestBodyBytes);
        builder.Services.AddSingleton<TokenizerGate>();
        builder.Services.AddSingleton<ModelResolver>();
        builder.Services.AddSingleton<GenerationRunner>();
        builder.Services.AddSingleton<PrefixTenants>();
        builder.Services.AddSingleton<ChatService>();
        builder.Services.AddSingleton<EmbeddingService>();
    }

    public static void MapOpenAI(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/v1").RequirePermission(Permissions.InferenceInvoke);
        group.MapChat();
        group.MapCompletions();
        group.MapEmbeddings();
        group.MapModels();
    }
}
