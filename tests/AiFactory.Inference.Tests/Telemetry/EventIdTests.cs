using System.Reflection;
using Microsoft.Extensions.Logging;

namespace AiFactory.Inference.Tests.Telemetry;

public sealed class EventIdTests
{
    private const BindingFlags All = BindingFlags.Static | BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    [Fact]
    public void An_event_id_means_one_event()
    {
        var ids = typeof(Program).Assembly.GetTypes()
            .SelectMany(type => type.GetMethods(All), (type, method) => (Name: $"{type.Name}.{method.Name}", Id: method.GetCustomAttribute<LoggerMessageAttribute>()?.EventId))
            .Where(log => log.Id is not null)
            .ToList();
        ids.ShouldNotBeEmpty();
        ids.ShouldAllBe(log => log.Id >= 3000 && log.Id < 4000);
        ids.GroupBy(log => log.Id).Where(same => same.Count() > 1).Select(same => $"{same.Key}: {string.Join(", ", same.Select(log => log.Name))}").ShouldBeEmpty();
    }
}
