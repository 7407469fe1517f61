using AiFactory.Builder.Knowledge.Bases;
using AiFactory.Builder.Knowledge.Documents;
using AiFactory.Builder.Knowledge.Ingestion;
using AiFactory.Builder.Knowledge.Search;
using AiFactory.Builder.Knowledge.Search.Exact;
using AiFactory.Builder.Knowledge.Search.PgVector;
using AiFactory.Builder.Knowledge.Seeding;
using AiFactory.Builder.Processes;

namespace AiFactory.Builder.Knowledge;

internal static class KnowledgeExtensions
{
    /// <summary>Every process can search; the orchestrator serves and seeds, executors take documents in.</summary>
    internal static WebApplicationBuilder AddKnowledge(this WebApplicationBuilder builder)
    {
        const string section = "Knowledge";
        builder.Services.AddOptionsWithValidateOnStart<KnowledgeOptions>().BindConfiguration(section).ValidateDataAnnotations();
        builder.Services.AddOptionsWithValidateOnStart<KnowledgeSeedOptions>().BindConfiguration("Seed").ValidateDataAnnotations();
        builder.Services
            .AddSingleton<KnowledgeBaseStore>()
            .AddSingleton<KnowledgeBaseService>()
            .AddSingleton<DocumentStore>()
            .AddSingleton<DocumentObjects>()
            .AddSingleton<DocumentService>()
            .AddSingleton<DocumentSweep>()
            .AddSingleton<IngestionSignal>()
            .AddSingleton<IngestionStore>()
            .AddSingleton<ChunkStore>()
            .AddSingleton<ParseStep>()
            .AddSingleton<EmbedStep>()
            .AddSingleton<Embedder>()
            .AddSingleton<VectorStore>()
            .AddSingleton<VectorImages>()
            .AddSingleton<PgVectorIndex>()
            .AddSingleton<VectorIndexes>()
            .AddSingleton<TextSearchStore>()
            .AddSingleton<PassageStore>()
            .AddSingleton<KnowledgeSearch>()
            .AddSingleton<KnowledgeSeedStore>()
            .AddSingleton<KnowledgeSeed>()
            .AddSingleton<PgVectorWorker>()
            .AddHostedService(services => services.GetRequiredService<PgVectorWorker>());
        if (builder.HasRole(BuilderRoles.Orchestrator))
        {
            builder.Services.AddHostedService<KnowledgeSeedWorker>().AddHostedService(services => services.GetRequiredService<DocumentSweep>());
        }

        if (builder.HasRole(BuilderRoles.Executor))
        {
            // As many loops as documents at once. AddHostedService would add the type once.
            var parallel = (builder.Configuration.GetSection(section).Get<KnowledgeOptions>() ?? new KnowledgeOptions()).Parallel;
            for (var i = 0; i < parallel; i++)
            {
                builder.Services.AddSingleton<IHostedService>(services => ActivatorUtilities.CreateInstance<IngestionWorker>(services));
            }
        }

        return builder;
    }

    internal static WebApplication MapKnowledge(this WebApplication app)
    {
        KnowledgeBaseEndpoints.Map(app);
        DocumentEndpoints.Map(app);
        SearchEndpoints.Map(app);
        return app;
    }
}
