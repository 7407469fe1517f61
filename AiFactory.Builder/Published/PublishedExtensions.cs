namespace AiFactory.Builder.Published;

internal static class PublishedExtensions
{
    internal static WebApplicationBuilder AddPublished(this WebApplicationBuilder builder)
    {
        builder.Services
            .AddSingleton<FlowAnswers>()
            .AddSingleton<ChatAnswer>()
            .AddSingleton<IProblemDetailsWriter, OpenAIProblemWriter>();
        return builder;
    }

    internal static WebApplication MapPublished(this WebApplication app)
    {
        PublishedEndpoints.Map(app);
        return app;
    }
}
