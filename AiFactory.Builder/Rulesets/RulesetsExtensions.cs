namespace AiFactory.Builder.Rulesets;

internal static class RulesetsExtensions
{
    internal static WebApplicationBuilder AddRulesets(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<RulesetStore>().AddSingleton<RulesetGuards>().AddSingleton<RulesetService>();
        return builder;
    }

    internal static WebApplication MapRulesets(this WebApplication app)
    {
        RulesetEndpoints.Map(app);
        return app;
    }
}
