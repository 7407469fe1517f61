namespace AiFactory.Gateway.Limits;

internal static class LimitsExtensions
{
    public static IServiceCollection AddLimits(this IServiceCollection services)
    {
        services.AddOptionsWithValidateOnStart<LimitsOptions>().BindConfiguration(LimitsOptions.Section).ValidateDataAnnotations();
        services.AddSingleton<LeaseMode>();
        services.AddSingleton<Tallies>();
        services.AddSingleton<LimitsTelemetry>();
        services.AddSingleton<RequestLimits>();
        return services;
    }
}
