using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace AiFactory.ServiceDefaults.Tests.Telemetry;

public sealed class LogLevelTests
{
    [Theory]
    [InlineData("AiFactory.Anything", LogLevel.Information)]
    [InlineData("Microsoft.Hosting.Lifetime", LogLevel.Information)]
    [InlineData("Npgsql.Command", LogLevel.Warning)]
    [InlineData("Microsoft.AspNetCore.Routing.EndpointMiddleware", LogLevel.Warning)]
    [InlineData("System.Net.Http.HttpClient.gateway.LogicalHandler", LogLevel.Warning)]
    public async Task Libraries_speak_of_trouble_only(string category, LogLevel level)
    {
        await using var service = await TestService.StartAsync(build: builder => builder.Logging.AddConsole());
        Quietest(service, category).ShouldBe(level);
    }

    [Fact]
    public async Task A_setting_makes_a_library_speak()
    {
        await using var service = await TestService.StartAsync(build: builder => builder.Logging.AddConsole(), settings: ("Logging:LogLevel:Npgsql", "Debug"));
        Quietest(service, "Npgsql.Command").ShouldBe(LogLevel.Debug);
        Quietest(service, "Microsoft.AspNetCore.Routing").ShouldBe(LogLevel.Warning);
    }

    private static LogLevel Quietest(TestService service, string category)
    {
        var logger = service.App.Services.GetRequiredService<ILoggerFactory>().CreateLogger(category);
        return Enum.GetValues<LogLevel>().First(logger.IsEnabled);
    }
}
