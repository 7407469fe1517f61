namespace AiFactory.Gateway.Console;

internal static class ConsoleExtensions
{
    public static IServiceCollection AddConsole(this IServiceCollection services) => services.AddDevelopmentServer();

    public static void MapConsole(this WebApplication app) => ConsoleEndpoints.Map(app);
}
