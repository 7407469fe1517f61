using AiFactory.Inference.Chat;
using AiFactory.Inference.Completions;
using AiFactory.Inference.Embeddings;
using AiFactory.Inference.Generations;
using AiFactory.Inference.Models;
using AiFactory.Inference.Rerank;
using AiFactory.Inference.Responses;
using AiFactory.Inference.Serving;
using AiFactory.Inference.Tools;
using AiFactory.ServiceDefaults;
using AiFactory.ServiceDefaults.Identity;

namespace AiFactory.Inference.OpenAI;

internal static class OpenAIExtensions
{
    public static void AddOpenAI(this IHostApplicationBuilder builder)
    {
        builder.Services.AddSingleton<IProblemDetailsWriter, OpenAIProblemWriter>();
        builder.Services.AddOptionsWithValidateOnStart<OpenAIOptions>().BindConfiguration(OpenAIOptions.Section).ValidateDataAnnotations();
        builder.Services.AddBodyLimit<OpenAIOptions>($"{OpenAIOptions.Section}:{nameof(OpenAIOptions.MaxRequestBodyBytes)}", options => options.MaxRequestBodyBytes);
        builder.Services.AddSingleton<TokenizerGate>();
        builder.Services.AddSingleton<ModelResolver>();
        builder.Services.AddSingleton<GenerationRunner>();
        builder.Services.AddSingleton<PrefixTenants>();
        builder.Services.AddSingleton<RequestTermsReader>();
        builder.Services.AddSingleton<CallGrammars>();
        builder.Services.AddSingleton<ChatService>();
        builder.Services.AddSingleton<EmbeddingRunner>();
        builder.Services.AddSingleton<EmbeddingService>();
        builder.AddRerank();
    }

    public static void MapOpenAI(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/v1").RequirePermission(Permissions.InferenceInvoke);
        group.MapChat();
        group.MapCompletions();
        group.MapEmbeddings();
        group.MapRerank();
        group.MapResponses();
        group.MapModels();
    }
}
