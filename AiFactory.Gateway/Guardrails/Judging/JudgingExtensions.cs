namespace AiFactory.Gateway.Guardrails.Judging;

internal static class JudgingExtensions
{
    public static IServiceCollection AddJudging(this IServiceCollection services) =>
        services.AddSingleton<EmbeddingJudge>().AddSingleton<ChatJudge>().AddSingleton<ModerationJudge>().AddSingleton<TopicJudge>().AddSingleton<JudgePlaces>();
}
